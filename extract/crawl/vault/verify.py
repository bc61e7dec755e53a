"""Everything in the vault read again: the fetch log line by line, and each file held against its
name and the log.

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

    `missing`; `damaged`: its bytes are not what its name says; `stray`: no name of ours; `log`: a
    line of the fetch log cannot be read; `orphan`: whole, but not named by the fetch log: left by a
    run that was killed, harmless, and taken up when its address is fetched again.
    """

    kind: Literal["missing", "damaged", "stray", "log", "orphan"]
    path: Path
    detail: str


def verify(vault: Vault) -> list[VaultFault]:
    """Every fault, those of the fetch log and of missing files first; empty where all is well."""
    faults = [VaultFault("log", line.path, line.damage) for line in vault.damaged_lines()]
    for entry in vault.entries():
        path = vault.path(entry.sha256)
        if not path.exists():
            what = f"{entry.address} of {entry.at}"
            faults.append(
                VaultFault(
                    "missing",
                    path,
                    f"{what}: restore it from a copy, or let the next run fetch it again",
                )
            )
    for path in sorted(p for p in (vault.root / "raw").rglob("*") if not p.is_dir()):
        fault = _fault_of_file(vault, path)
        if fault is not None:
            faults.append(fault)
    return faults


def _fault_of_file(vault: Vault, path: Path) -> VaultFault | None:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if path != vault.path(path.name) or len(path.name) != 64:
        return VaultFault("stray", path, "is no file of the vault: move it elsewhere")
    if sha256 != path.name:
        what = f"its bytes have the hash {sha256}"
        return VaultFault(
            "damaged",
            path,
            f"{what}: delete it, and restore it from a copy or let the next run fetch it again",
        )
    if not vault.holds(sha256):
        what = "no line of the fetch log names it"
        return VaultFault("orphan", path, f"{what}: a run was killed; nothing to do")
    return None
