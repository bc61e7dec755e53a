"""Printed tables to the rows and columns of the form."""
