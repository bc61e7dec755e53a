"""Runs: the command line, the settings and the flows.

The only package that knows Prefect; only `ingest` and `nightly` import it.

Prefect's telemetry is off, unless the environment says otherwise: set here, which every module of
`flows` runs before its own imports.
"""

import os

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
