"""The warehouse: the one place that writes outputs.

Shards of readings, the DuckDB file, its views and its dictionary.
"""
