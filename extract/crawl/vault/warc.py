"""The vault as a WARC file, the format of web archives, for those who keep or replay such files.

`export_warc(vault, path)` writes one `response` record for every content of every address: its
address, time and kept headers, and the bytes as the vault holds them, which have no transfer or
content coding; Content-Length is theirs. A path that ends in .gz is packed, record by record. The
requests were not kept and are not invented. Out of scope: reading WARC files.
"""

import hashlib
import os
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from extract.crawl.vault.fetch_log import FetchRecord, VaultError
from extract.crawl.vault.store import Vault


def export_warc(vault: Vault, path: Path) -> int:
    """Write the file, whole or not at all; gives the number of `response` records.

    VaultError for a file that is missing or damaged.
    """
    beside = path.with_name(f".{path.name}.part")
    records = 0
    try:
        with beside.open("wb") as out:
            writer = WARCWriter(out, gzip=path.suffix == ".gz", warc_version="1.1")
            about = {
                "software": "nianbao",
                "format": "WARC File Format 1.1",
                "description": "files as fetched, codings undone, requests not kept",
            }
            writer.write_record(writer.create_warcinfo_record(path.name, about))
            for entry in vault.entries():
                _write(writer, vault, entry)
                records += 1
            out.flush()
            os.fsync(out.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return records


def _write(writer: WARCWriter, vault: Vault, entry: FetchRecord) -> None:
    stored = vault.path(entry.sha256)
    if not stored.exists() or _hash_of(stored) != entry.sha256:
        raise VaultError(
            f"{stored}: is missing or damaged, the archive would not be whole: verify the "
            "vault first"
        )
    headers = [
        *((name.title(), _header(value)) for name, value in entry.headers.items()),
        ("Content-Length", str(entry.size)),
    ]
    with stored.open("rb") as payload:
        record = writer.create_warc_record(
            entry.final or entry.address,
            "response",
            payload=payload,
            http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": entry.at},
        )
        writer.write_record(record)


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _header(value: str) -> str:
    return value.encode("ascii", "backslashreplace").decode()
