"""The one report among files that another file holds.

`read_only_report(files, holder)` reads each file that has a reader and gives the document of the
one that holds tables. Where none does, or several do, nothing is taken and the error names what is
there: whose report it is, a person must tell. Files within these files are not opened; Word 97 and
its kind, which need another program, are named.

Raises ReadError: NO_TABLES, NOT_A_REPORT, and TOO_LARGE beyond limits.ATTACHED_FILES.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from extract import limits
from extract.detect import Format, sniff
from extract.document import Document, ReadError, Reason
from extract.registry import CONVERTED, reader_of

_NAMED: Final = 8  # files that an error names
_HOLDERS: Final = frozenset({Format.ZIP, Format.MHT})


class AttachedFile(NamedTuple):
    """One file in another one."""

    name: str
    data: bytes


def read_only_report(files: Sequence[AttachedFile], holder: str) -> Document:
    """The document of the one file with tables; `holder` is what holds the files, in words."""
    if len(files) > limits.ATTACHED_FILES:
        raise ReadError(
            Reason.TOO_LARGE,
            f"{holder} holds {len(files)} files, the limit is {limits.ATTACHED_FILES}; unpack it "
            "and read the files that it holds",
        )
    with_tables: list[tuple[str, Document]] = []
    others: list[str] = []
    for file in files:
        document, said = _read_one(file, alone=len(files) == 1)
        if document is not None and (document.grids or document.text_without_cells):
            with_tables.append((file.name, document))
        else:
            others.append(f"{file.name} ({said})")
    if len(with_tables) == 1:
        name, document = with_tables[0]
        return replace(document, remarks=(f"{holder} holds it as {name}", *document.remarks))
    if with_tables:
        raise ReadError(
            Reason.NOT_A_REPORT,
            f"{holder} holds {len(with_tables)} documents with tables: "
            f"{_listed(name for name, _ in with_tables)}; unpack it and read each by itself",
        )
    raise ReadError(
        Reason.NO_TABLES,
        f"{holder} holds no document with a table that can be read in it: "
        f"{_listed(others) or 'no files'}; unpack it and read the files that it holds",
    )


def _read_one(file: AttachedFile, *, alone: bool) -> tuple[Document | None, str]:
    """The document in a file, or None and why it is not read."""
    try:
        kind = sniff(file.data)
        if kind in _HOLDERS or kind in CONVERTED:
            return None, f"{kind}, to be read by itself"
        if kind is Format.IMAGE and not alone:
            return None, "a picture"
        return reader_of(kind)(file.data), f"{kind} without a table"
    except ReadError as error:
        return None, str(error.reason)


def _listed(names: Iterable[str]) -> str:
    held = list(names)
    more = f" and {len(held) - _NAMED} more" if len(held) > _NAMED else ""
    return ", ".join(held[:_NAMED]) + more
