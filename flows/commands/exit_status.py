"""The exit statuses of the command line, as README.md and the service manager know them."""

from typing import Final

DONE: Final = 0
FINDINGS: Final = 1  # `check` found errors
FAILED: Final = 2  # the command could not do its work
USAGE: Final = 3  # wrong usage or configuration
ATTENTION: Final = 4  # done, but a person must look: stale sources, damaged files of the vault
INTERRUPTED: Final = 130  # stopped by Ctrl-C
TERMINATED: Final = 143  # stopped by SIGTERM, as `systemctl stop` sends it
