"""The description of a release for programs: `datapackage.json` (Frictionless Data Package).

`write_datapackage` lists the files of a release with their sizes and SHA-256, the columns of each
CSV with type and comment, and for each table how many rows the DuckDB file has and their checksum:
the exclusive or of the MD5 of every row, whose columns are put together as `checksum_query` shows.
The DuckDB file itself has no SHA-256 here, for only its rows are the same each time; SHA256SUMS
has it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final

from load.database import Con, connect_for_writing
from load.dictionary import describe_columns

DESCRIPTION_NAME: Final = "datapackage.json"
TITLE: Final = "政府信息公开工作年度报告 Annual reports on the disclosure of government information"
_TYPES: Final = {
    "VARCHAR": "string",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "datetime",
}
_DATETIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%S"
_MEDIA_TYPES: Final = {
    ".duckdb": "application/vnd.duckdb",
    ".html": "text/html",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class RowCount:
    """How many rows a table has, and their checksum in hexadecimal digits."""

    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class ReleaseOrigin:
    """What a release is made of: when the warehouse was published, by which version of the program,
    and the rows of its tables.
    """

    published_at: datetime
    code_version: str
    rows: Mapping[str, RowCount]


def checksum_query(con: Con, table: str) -> str:
    """The query for the number of rows of a table and their checksum."""
    texts = [
        f"array_to_string({name}, ',')" if kind.endswith("[]") else f"{name}::VARCHAR"
        for name, kind in ((f'"{n}"', k) for n, k, _ in describe_columns(con, table))
    ]
    row = "concat_ws(chr(31), " + ", ".join(f"coalesce({text}, chr(0))" for text in texts) + ")"
    return f"SELECT count(*), bit_xor(md5_number({row})) FROM {table}"  # noqa: S608


def count_rows(con: Con, table: str) -> RowCount:
    """The number of rows of a table and their checksum."""
    [(count, number)] = con.execute(checksum_query(con, table)).fetchall()
    return RowCount(count, format((number or 0) & (2**128 - 1), "032x"))


def read_checksums(release: Path) -> dict[str, str]:
    """The checksum of each table of a release."""
    described = json.loads((release / DESCRIPTION_NAME).read_text(encoding="utf-8"))
    return {name: rows["checksum"] for name, rows in described["rows"].items()}


def write_datapackage(release: Path, name: str, origin: ReleaseOrigin) -> None:
    """Describe the files that are in the folder `release`."""
    with connect_for_writing(release / "nianbao.duckdb") as con:
        resources = [
            _describe(con, path, release) for path in sorted(release.rglob("*")) if path.is_file()
        ]
    package = {
        "name": name,
        "title": TITLE,
        "description": "Statutory tables of the annual reports of Chinese agencies, each cell with "
        "its printed text and place, and what was found wrong. Empty means that nothing can be "
        "said; a blank is not 0. documents.path is left out. See dictionary.md.",
        "profile": "data-package",
        "created": origin.published_at.strftime(_DATETIME_FORMAT) + "Z",
        "version": name.removeprefix("nianbao-"),
        "code_version": origin.code_version,
        "rows": {table: asdict(rows) for table, rows in origin.rows.items()},
        "rows_checksum": "bit_xor(md5_number(concat_ws(chr(31), ...))) over each table of "
        "nianbao.duckdb: columns in order as VARCHAR, lists by array_to_string(list, ','), NULL as "
        "chr(0); hexadecimal",
        "resources": resources,
    }
    text = json.dumps(package, ensure_ascii=False, indent=2) + "\n"
    (release / DESCRIPTION_NAME).write_text(text, encoding="utf-8")


def _describe(con: Con, path: Path, release: Path) -> dict[str, Any]:
    within = path.relative_to(release).as_posix()
    resource: dict[str, Any] = {
        "name": within.lower().replace("/", "-").replace(".", "-").replace("_", "-"),
        "path": within,
        "format": path.suffix.removeprefix("."),
        "type": "table" if path.suffix == ".csv" else "file",
    }
    if path.suffix == ".duckdb":
        return resource | {"mediatype": _MEDIA_TYPES[path.suffix]}
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    resource |= {"bytes": path.stat().st_size, "hash": f"sha256:{digest}"}
    if path.suffix != ".csv":
        return resource | {"mediatype": _MEDIA_TYPES[path.suffix]}
    fields = [_field(*column) for column in describe_columns(con, path.stem)]
    return resource | {
        "profile": "tabular-data-resource",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n"},
        "schema": {"fields": fields, "missingValues": [""]},
    }


def _field(name: str, kind: str, comment: str | None) -> dict[str, str]:
    """A column as the specification describes it; lists are texts in CSV."""
    described = "string" if kind.endswith("[]") else _TYPES.get(kind, "number")
    field = {"name": name, "type": described}
    if described == "datetime":
        field["format"] = _DATETIME_FORMAT
    return field | {"description": comment or ""}
