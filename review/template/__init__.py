"""The blank official form as a document to fill in."""
