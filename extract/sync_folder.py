"""Names in a folder that survive a power cut."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Have the system write down which names `folder` holds, after a file was renamed into it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
