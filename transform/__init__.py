"""Grids in, tidy rows and findings out. Pure: no network, no files written, nothing of Prefect."""
