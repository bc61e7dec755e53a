"""Whose report of which year it is."""
