"""How sites list reports and show them: pages to entries and files, without any request."""
