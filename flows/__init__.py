"""Runs: the command line, the settings and the flows. The only package that knows Prefect; only `ingest` and `nightly` import it."""
