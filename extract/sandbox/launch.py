"""Started in the place of a program of others, which it becomes: limits, confinement, then `exec`.

    python -I -S launch.py PLAN PROGRAM [ARGUMENT…]

PLAN is JSON: `home` and `reads` (see `confine_program`), the number of the `parent` process,
`memory` in bytes and `seconds`. Imports nothing but the confinement, so that it costs little.
"""

import json
import os
import resource
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from extract import limits
from extract.sandbox.confine import confine_program, end_with_parent

_OPEN_FILES: Final = 1024
_GRACE: Final = 10.0  # seconds that the parent has to end the program before `timeout` does


def main(said: str, arguments: list[str]) -> NoReturn:
    """Become the program."""
    plan = json.loads(said)
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, int(plan["seconds"]) + 5),
        (resource.RLIMIT_FSIZE, limits.FILE_BYTES),
        (resource.RLIMIT_AS, plan["memory"]),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        with suppress(ValueError, OSError):  # macOS has no limit of address space
            resource.setrlimit(kind, (value, value))
    timeout = shutil.which("timeout")
    if timeout:
        arguments = [timeout, "--signal=KILL", f"{plan['seconds'] + _GRACE:g}", *arguments]
    # what `timeout` does when its time is up it does at the parent's death too: kills the group
    end_with_parent(plan["parent"], signal.SIGALRM if timeout else signal.SIGKILL)
    confine_program(Path(plan["home"]), [Path(path) for path in plan["reads"]])
    os.execvp(arguments[0], arguments)  # noqa: S606 - no shell


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
