"""Everything in the vault read again and held against its name and the fetch log.

`verify(vault)` gives every fault by name. It takes as long as reading all files takes, and little
memory. Out of scope: mending.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from extract.crawl.vault.store import Vault


@dataclass(frozen=True, slots=True)
class VaultFault:
    """What is wrong with one file.

    `missing`; `damaged`: its bytes are not what its name says; `stray`: no name of ours; `orphan`:
    whole, but not named by the fetch log: left by a run that was killed, harmless, and taken up
    when its address is fetched again.
    """

    kind: Literal["missing", "damaged", "stray", "orphan"]
    path: Path
    detail: str


def verify(vault: Vault) -> list[VaultFault]:
    """Every fault, those of missing files first; empty where all is well."""
    faults: list[VaultFault] = []
    for entry in vault.entries():
        path = vault.path(entry.sha256)
        if not path.exists():
            faults.append(
                VaultFault(
                    "missing",
                    path,
                    (
                        f"{entry.address} of {entry.at}: restore it from a copy, or let the next "
                        "run fetch it again"
                    ),
                )
            )
    for path in sorted(p for p in (vault.root / "raw").rglob("*") if not p.is_dir()):
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if path != vault.path(path.name) or len(path.name) != 64:
            faults.append(VaultFault("stray", path, "is no file of the vault: move it elsewhere"))
        elif sha256 != path.name:
            what = f"its bytes have the hash {sha256}"
            faults.append(
                VaultFault(
                    "damaged",
                    path,
                    (
                        f"{what}: delete it, and restore it from a copy or let the next run fetch "
                        "it again"
                    ),
                )
            )
        elif not vault.holds(sha256):
            faults.append(
                VaultFault(
                    "orphan",
                    path,
                    "no line of the fetch log names it: a run was killed; nothing to do",
                )
            )
    return faults
