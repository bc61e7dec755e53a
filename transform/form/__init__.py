"""The editions of the form in data/forms as objects."""
