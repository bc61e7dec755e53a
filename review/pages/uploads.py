"""Drafts that are sent by a form: taken into memory, never to a disk, and never more than was
allowed.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from extract.limits import FILE_BYTES
from review.pages.site import DRAFTS, Draft

_FIELD_BYTES: Final = 64 * 1024
_DISCARDED: Final = (
    4  # times the allowed size that is read and dropped, so that the sender gets an answer
)


class UploadRefusedError(Exception):
    """An upload that is not taken; `message` is the name of what is said about it."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.values = values


@dataclass(frozen=True, slots=True)
class Upload:
    """What a form brought."""

    fields: dict[str, str]
    files: dict[str, list[Draft]]


class _InMemory(MultiPartParser):
    spool_max_size = 2**40  # a part is never rolled over into a file


async def read_upload(request: Request, most_bytes: int) -> Upload:
    """The form's fields and files; UploadRefusedError if it is too large or broken."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        raise UploadRefusedError("page.broken_form")
    body = _limited(request, most_bytes)
    parser = _InMemory(
        request.headers, body, max_files=DRAFTS, max_fields=50, max_part_size=_FIELD_BYTES
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        async for _ in body:
            pass
        if "Too many files" in error.message:
            raise UploadRefusedError("page.too_many_files", most=DRAFTS) from error
        raise UploadRefusedError("page.broken_form") from error
    except KeyError as error:  # a multipart body without a boundary
        raise UploadRefusedError("page.broken_form") from error
    return await _collect(form)


async def _limited(request: Request, most_bytes: int) -> AsyncGenerator[bytes, None]:
    """The body as long as it is within the limit; a longer one is read on and dropped before it is
    refused, for a browser shows an answer only when it has sent all.
    """
    taken = 0
    stream: AsyncIterator[bytes] = request.stream()
    async for chunk in stream:
        taken += len(chunk)
        if taken > most_bytes * _DISCARDED:
            break
        if taken <= most_bytes:
            yield chunk
    if taken > most_bytes:
        raise UploadRefusedError("page.upload_too_large", most=most_bytes // 2**20)


async def _collect(form: FormData) -> Upload:
    fields: dict[str, str] = {}
    files: dict[str, list[Draft]] = {}
    for name, value in form.multi_items():
        if not isinstance(value, UploadFile):
            fields[name] = value
        elif value.filename or value.size:
            # one byte more than a reader takes is enough for it to say that the file is too large
            data = await value.read(FILE_BYTES + 1)
            files.setdefault(name, []).append(Draft(_base_name(value.filename or ""), data))
    await form.close()
    return Upload(fields, files)


def _base_name(name: str) -> str:
    """The name without folders, of either kind, and without what no page should show."""
    base = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(c for c in base if c.isprintable())
    return shown[:150] or "draft"
