"""Bytes in, grids out: this package knows file formats and nothing of the form that the tables
follow.
"""
