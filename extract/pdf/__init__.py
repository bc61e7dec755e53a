"""PDF files by pdfium, and by pdfplumber for the crosscheck."""
