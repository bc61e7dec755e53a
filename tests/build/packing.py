"""Zip packages with the same bytes each time: fixed dates, fixed order, no trace of the clock or
the machine.
"""

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Final

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_STAMP: Final = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def pack(members: Mapping[str, bytes]) -> bytes:
    """A zip archive of `members`, in their order."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            archive.writestr(info, data)
    return out.getvalue()


def unpack(package: bytes) -> dict[str, bytes]:
    """The members of an archive that this package made itself; no guard against hostile ones."""
    with zipfile.ZipFile(BytesIO(package)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def repack(package: bytes) -> bytes:
    """`package` with the dates of its members and of its core properties fixed."""
    members = unpack(package)
    core = members.get("docProps/core.xml")
    if core is not None:
        members["docProps/core.xml"] = _STAMP.sub(rb"\g<1>2020-01-01T00:00:00Z\g<3>", core)
    return pack(members)
