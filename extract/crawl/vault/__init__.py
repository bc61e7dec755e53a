"""The files that were fetched, by hash, and the log of what was fetched when."""
