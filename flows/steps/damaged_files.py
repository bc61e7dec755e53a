"""Files of the vault that no reader could take: their bytes are not what their names say.

`set_damaged_aside(vault, places)` moves those of them that are damaged into the vault's folder
`damaged`, so that the next night fetches them again: their addresses are then asked for without
conditions. What was read of them before stays in the warehouse.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

FOLDER: Final = "damaged"


def set_damaged_aside(vault: Path, places: Iterable[str]) -> tuple[str, ...]:
    """The places, from the vault's folder on, of the files that were moved; those that are missing
    too.
    """
    found = []
    for place in places:
        file = vault / place
        if not file.exists():
            found.append(place)
        elif _sha256(file) != file.name:
            aside = vault / FOLDER
            aside.mkdir(exist_ok=True)
            os.replace(file, aside / file.name)
            found.append(place)
    return tuple(found)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
