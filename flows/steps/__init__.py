"""The work of the flows as plain functions; no Prefect."""
