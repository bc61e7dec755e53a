"""A release: the warehouse as a dated folder that never changes, in every form that people ask for.

`release(database, folder, describe)` makes, below `folder`, `nianbao-YYYY-MM-DD` of the day of the
newest publication (`-2` and so on where there is one of that day):

    nianbao.duckdb      all tables and views, every table sorted
    parquet/, csv/      a file for each table and view (but `citations`)
    nianbao.xlsx        for people: reports, wide tables, findings, the dictionary
    dictionary.md, dictionary.html
    CHANGES.md          what differs from the release before
    datapackage.json    every file with its columns and SHA-256, and the checksums of all rows
    SHA256SUMS          of all files, for `sha256sum --check`

The same warehouse gives the same bytes, but for the DuckDB file, which has the same rows. A release
is built aside and renamed; its files are read-only. What no other machine can use is left out:
`documents.path`, and tables and views that somebody added. Where no table but `runs` differs from
the newest release, none is made.

Raises what opening a warehouse raises, CannotWrite, and NoInput for a warehouse without a run.
Out of scope: the words of CHANGES.md, which `describe` gives.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Final

import pandas as pd

from load.database import (
    Con,
    connect,
    connect_for_writing,
    create_schema,
    named_duckdb_faults,
    scalar,
)
from load.datapackage import ReleaseOrigin, count_rows, read_checksums, write_datapackage
from load.dictionary import dictionary, dictionary_page, dictionary_parts
from load.diff import Difference, compare
from load.errors import CannotWrite, NoInput
from load.frames import (
    WORKSHEET_ROWS,
    frame_names,
    query_batches,
    query_frame,
    write_csv,
    write_workbook,
)

WAREHOUSE_NAME: Final = "nianbao.duckdb"
_FOLDER_NAME: Final = re.compile(r"nianbao-(\d{4}-\d\d-\d\d)(?:-(\d+))?")
_SOURCE: Final = "released_from"
_LEFT_OUT: Final = ("citations",)  # long texts that follow from `tidy`: one query away
_FIRST_RELEASE: Final = "# CHANGES\n\nThis is the first release in this folder.\n"
_WIDE: Final = (
    "SELECT agency_id, year, * EXCLUDE (agency_id, agency_name, year, is_current, report_id), "
    "report_id FROM {view} WHERE is_current ORDER BY agency_id, year, report_id{order}"
)
_WORKSHEETS: Final = {  # name: Chinese, English, query
    "reports": (
        "每份报告一行：各项数字与问题数",
        "One row a report: its figures and how many findings it has",
        _WIDE.format(view="report_wide", order=""),
    ),
    "requests": (
        "表三：每份报告每行一行，各类申请人并列",
        "Table III: one row for each report and row, the applicants side by side",
        _WIDE.format(view="requests_wide", order=", row_position, row_id"),
    ),
    "disputes": (
        "表四：每份报告一行",
        "Table IV: one row a report",
        _WIDE.format(view="disputes_wide", order=""),
    ),
    "proactive": (
        "表二：每份报告每行一行",
        "Table II: one row for each report and row",
        _WIDE.format(view="proactive_wide", order=", row_position, row_id"),
    ),
    "findings": (
        "问题：错误在前，提醒其次，说明最后",
        "Findings: errors first, then warnings, then what is good to know",
        "SELECT f.agency_id, f.year, f.level, f.message_zh, f.message_en, f.rule_id, f.expected, "
        "f.actual, f.delta, f.verdict, f.status, d.file_name, d.url, f.finding_id "
        "FROM findings AS f JOIN reports AS r ON r.report_id = f.report_id "
        "JOIN documents AS d ON d.document_id = r.document_id "
        "WHERE r.is_current AND f.status <> 'dismissed' ORDER BY "
        "CASE f.level WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, f.agency_id, f.year, "
        "f.rule_id, f.finding_id",
    ),
}
_DICTIONARY: Final = ("代码表：各列与各词的含义", "What each column and each word means")
_TOO_MANY: Final = "too many rows for a worksheet: see the folder csv"


@dataclass(frozen=True, slots=True)
class Released:
    """Where the release is, whether it was made now, and the release before it, if any."""

    folder: Path
    is_new: bool
    before: Path | None


Describe = Callable[[Difference, tuple[str, str]], str]


def release(database: Path, folder: Path, describe: Describe) -> Released:
    """Make a release of the warehouse below `folder`; `describe` words the changes, given the
    difference and the names of both releases.
    """
    connect(database).close()  # says what is wrong with it
    before = _newest(folder)
    with _system_faults(folder):
        folder.mkdir(parents=True, exist_ok=True)
        building = folder / f".{os.getpid()}.building"
        building.mkdir()
        try:
            with named_duckdb_faults(building):
                origin = _copy_rows(database, building / WAREHOUSE_NAME)
                if before is not None and _is_same(before, origin):
                    return Released(before, False, None)
                target = _free_name(folder, origin.published_at)
                _write_files(building, origin)
                _write_changes(building, before, target.name, describe)
                write_datapackage(building, target.name, origin)
            _write_sums(building)
            for path in _files(building):
                path.chmod(0o444)
            building.rename(target)
        finally:
            if building.exists():
                shutil.rmtree(building)
    return Released(target, True, before)


def warehouse_of(path: Path) -> Path:
    """The DuckDB file of a release, if `path` is a folder; else `path` itself."""
    return path / WAREHOUSE_NAME if path.is_dir() else path


def _newest(folder: Path) -> Path | None:
    found = [
        (match[1], int(match[2] or 1), path)
        for path in (folder.iterdir() if folder.is_dir() else ())
        if (match := _FOLDER_NAME.fullmatch(path.name)) and (path / WAREHOUSE_NAME).exists()
    ]
    return max(found)[2] if found else None


def _free_name(folder: Path, published_at: datetime) -> Path:
    plain = folder / f"nianbao-{published_at:%Y-%m-%d}"
    target, number = plain, 1
    while target.exists():
        number += 1
        target = folder / f"{plain.name}-{number}"
    return target


def _is_same(before: Path, origin: ReleaseOrigin) -> bool:
    """Whether the newest release has the same rows; each night adds one to `runs`."""
    earlier = read_checksums(before)
    ours = {name: count.checksum for name, count in origin.rows.items()}
    return {**earlier, "runs": ""} == {**ours, "runs": ""}


def _copy_rows(database: Path, target: Path) -> ReleaseOrigin:
    """A new warehouse with the rows of `database`, each table sorted."""
    quoted = str(database).replace("'", "''")
    with connect_for_writing(target) as con:
        create_schema(con)
        tables = [
            name
            for (name,) in con.execute(
                "SELECT table_name FROM duckdb_tables() WHERE NOT internal ORDER BY 1"
            ).fetchall()
        ]
        con.execute(f"ATTACH '{quoted}' AS {_SOURCE} (READ_ONLY)")
        for name in tables:
            replaced = "* REPLACE (NULL AS path)" if name == "documents" else "*"
            con.execute(
                f"INSERT INTO {name} BY NAME SELECT {replaced} "  # noqa: S608
                f"FROM {_SOURCE}.main.{name} ORDER BY ALL"
            )
        con.execute(f"DETACH {_SOURCE}")
        con.execute("CHECKPOINT")
        published_at = scalar(
            con,
            "SELECT max(started_at) FROM runs WHERE status IS DISTINCT FROM 'unchanged'",
        )
        if published_at is None:
            raise NoInput(f"{database}: no run has published anything; start `nianbao run` first")
        code = scalar(con, "SELECT code_version FROM runs ORDER BY started_at DESC LIMIT 1")
        return ReleaseOrigin(published_at, code, {name: count_rows(con, name) for name in tables})


def _write_files(building: Path, origin: ReleaseOrigin) -> None:
    with connect_for_writing(building / WAREHOUSE_NAME) as con:
        con.execute("SET threads = 1")  # so that Parquet has the same row groups each time
        for kind in ("parquet", "csv"):
            (building / kind).mkdir()
        for name in frame_names(con):
            if name not in _LEFT_OUT:
                _write_relation(con, name, building)
        write_workbook(
            _worksheets(con), building / "nianbao.xlsx", origin.published_at, columns_that_stay=2
        )
        (building / "dictionary.md").write_text(dictionary(con), encoding="utf-8")
        (building / "dictionary.html").write_text(dictionary_page(con), encoding="utf-8")


def _write_relation(con: Con, name: str, building: Path) -> None:
    query = f'SELECT * FROM "{name}" ORDER BY ALL'  # noqa: S608 - names of our schema
    target = str(building / "parquet" / f"{name}.parquet").replace("'", "''")
    con.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    write_csv(query_batches(con, query), building / "csv" / f"{name}.csv")


def _worksheets(con: Con) -> dict[str, pd.DataFrame]:
    """The frames of the workbook, what they are first. One that no worksheet can hold is only named
    there.
    """
    words = [
        (part.heading, line[0], line[-1])
        for part in dictionary_parts(con)
        for line in part.table[1:]
    ]
    about, sheets = [], {}
    for name, (chinese, english, query) in _WORKSHEETS.items():
        count = scalar(con, f"SELECT count(*) FROM ({query})")  # noqa: S608 - constants
        fits = count <= WORKSHEET_ROWS
        about.append((name, chinese, english, count, None if fits else _TOO_MANY))
        if fits:
            sheets[name] = query_frame(con, query)
    about.append(("dictionary", *_DICTIONARY, len(words), None))
    columns = ["worksheet", "内容", "content", "rows", "remark"]
    dictionary_columns = ["table or list", "column or word", "meaning"]
    return {
        "about": pd.DataFrame(about, columns=columns),
        **sheets,
        "dictionary": pd.DataFrame(words, columns=dictionary_columns),
    }


def _write_changes(building: Path, before: Path | None, name: str, describe: Describe) -> None:
    text = _FIRST_RELEASE
    if before is not None:
        found = compare(before / WAREHOUSE_NAME, building / WAREHOUSE_NAME)
        text = describe(found, (before.name, name))
    (building / "CHANGES.md").write_text(text, encoding="utf-8")


def _write_sums(building: Path) -> None:
    lines = []
    for path in _files(building):
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        lines.append(f"{digest}  {path.relative_to(building).as_posix()}\n")
    (building / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


@contextmanager
def _system_faults(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotWrite(
            folder,
            f"the release cannot be written ({error.strerror or error})",
            "Free some room there or name another folder",
        ) from error
