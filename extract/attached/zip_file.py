"""Plain zip archives: the one report among the files of an archive (`extract.attached.files`).

Names from Windows are GB 18030 without saying so. What programs leave beside the files (folders,
`__MACOSX`, hidden files) does not count. Raises ReadError as `open_archive` and `read_only_report`
do.
"""

from typing import Final

from extract import limits
from extract.archive import open_archive
from extract.attached.files import AttachedFile, read_only_report
from extract.document import Document

_LEFTOVERS: Final = ("__MACOSX/", "Thumbs.db", "desktop.ini")


def read(data: bytes) -> Document:
    """The document in the one file of the archive that holds tables."""
    archive = open_archive(data)
    names = [name for name in archive.names if _is_file(name)]
    files = [
        AttachedFile(_shown(name), archive.read(name, limits.ZIP_MEMBER_BYTES))
        for name in names[: limits.ATTACHED_FILES + 1]
    ]
    return read_only_report(files, "the archive")


def _is_file(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    return bool(last) and not last.startswith(".") and not name.startswith(_LEFTOVERS)


def _shown(name: str) -> str:
    """The last part of a name; one in GB 18030 is unpacked as if it were of IBM's code page."""
    last = name.rsplit("/", 1)[-1]
    try:
        return last if last.isascii() else last.encode("cp437").decode("gb18030")
    except UnicodeError:
        return last
