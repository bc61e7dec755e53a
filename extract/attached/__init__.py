"""Files that hold other files: archives, and mails with attachments."""
