"""The exit statuses of the command line, as README.md and the service manager know them."""

from typing import Final

DONE: Final = 0
FINDINGS: Final = 1  # `check` found errors
FAILED: Final = 2  # the command could not do its work
USAGE: Final = 3  # wrong usage or configuration
# done, but a person must look: sources that are not good, damaged files of the vault, much that was
# rejected, a mail that could not be sent; with `--strict` FAILED
ATTENTION: Final = 4
INTERRUPTED: Final = 130  # stopped by Ctrl-C
TERMINATED: Final = 143  # stopped by SIGTERM, as `systemctl stop` sends it


def after_work(look: bool, strict: bool) -> int:
    """The status of work that is done: whether a person must look, and whether that is a
    failure.
    """
    if not look:
        return DONE
    return FAILED if strict else ATTENTION
