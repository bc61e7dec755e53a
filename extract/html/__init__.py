"""HTML pages and MHT."""
