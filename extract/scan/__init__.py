"""Pictures of pages: deskewing, ruled lines, character recognition."""
