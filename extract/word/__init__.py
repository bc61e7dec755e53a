"""Word files: docx, flat Word XML, and doc, wps, rtf, odt by way of a conversion."""
