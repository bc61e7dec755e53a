"""How the commands write: all at once, and without harm where nobody reads on."""

import os
import sys
from pathlib import Path
from typing import TextIO

from load.errors import NoInput


def print_text(text: str, end: str = "\n") -> None:
    """Write `text` to the output now."""
    _write(sys.stdout, text + end)


def print_error(message: str) -> None:
    """Write one line to the error output."""
    _write(sys.stderr, f"nianbao: {message}\n")


def write_new_file(path: Path, data: bytes) -> None:
    """Write a file that is not there yet; NoInput if there is one of that name."""
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise NoInput(f"{path} is there already: name another file") from error


def _write(stream: TextIO, text: str) -> None:
    """Write and flush.

    A reader who has had enough (`| head`) is no fault; what cannot be written is not tried again at
    the end of the process. Raises OSError for any other fault, such as a full disk.
    """
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if not isinstance(error, BrokenPipeError):
            raise
