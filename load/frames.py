"""Tables and views of a warehouse as pandas DataFrames with exact types.

`read_frame` gives one table or view, `query_frame` the result of a query, `query_batches` the same
piece by piece. Counts are `Int64`, texts
`string`, moments `datetime64`; days stay dates and amounts decimals (`ArrowDtype`), where DuckDB's
own `df()` would make binary fractions of them. `write_frame` writes frames for people: a workbook
with a worksheet for each frame, CSV that Chinese Excel opens as it is (UTF-8 with a byte order
mark), or Parquet.

What is printed in a document may begin like a formula. In a workbook such a text is a text; in CSV
it gets an apostrophe in front (OWASP, CSV injection) unless it is a plain number.

Out of scope: which frames belong together (a release), and any change of the warehouse.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unicodedata import east_asian_width

import pandas as pd
import pyarrow as pa

from load.csv_text import make_inert
from load.errors import CannotWrite, NoInput

if TYPE_CHECKING:
    from load.database import Con

WORKSHEET_ROWS: Final = 1_048_575  # that a worksheet can hold below its heading
WORKSHEET_NAME_LENGTH: Final = 31  # characters
COLUMN_WIDTH_CHARACTERS: Final = (8, 60)  # narrowest and widest column of a worksheet
MOST_LINES: Final = 12  # of a row of a worksheet; what is longer is cut in view, not in the cell
_LINE_POINTS: Final = 15
_A4: Final = 9  # number of the paper in a workbook
BATCH_ROWS: Final = 100_000
_HEAD_FORMAT: Final = {
    "bold": True,
    "align": "left",
    "valign": "vcenter",
    "bg_color": "#DCE6F1",
    "bottom": 1,
}
SUFFIXES: Final = (".csv", ".parquet", ".xlsx")


def frame_names(con: "Con") -> list[str]:
    """The tables and views that can be read, by name."""
    rows = con.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"
    ).fetchall()
    return [name for (name,) in rows]


def read_frame(con: "Con", name: str) -> pd.DataFrame:
    """One table or view. NoInput names those that there are."""
    known = frame_names(con)
    if name not in known:
        raise NoInput(f"{name}: no such table or view; there are {', '.join(known)}")
    return query_frame(con, f'SELECT * FROM "{name}"')  # noqa: S608 - one of the names above


def query_frame(con: "Con", query: str) -> pd.DataFrame:
    """The result of a query. NoInput if it gives no table, duckdb.Error if it is no query."""
    relation = con.sql(query)
    if relation is None:
        raise NoInput(f"{query}: gives no table; write a SELECT")
    return _to_frame(relation.to_arrow_table())


def query_batches(con: "Con", query: str) -> Iterator[pd.DataFrame]:
    """The result of a SELECT in frames of at most `BATCH_ROWS` rows; at least one, to have the
    columns.
    """
    reader = con.sql(query).to_arrow_reader(BATCH_ROWS)
    yield _to_frame(reader.schema.empty_table())
    for batch in reader:
        yield _to_frame(pa.Table.from_batches([batch]))


def write_frame(frames: Mapping[str, pd.DataFrame], target: Path) -> None:
    """Write frames by name as the suffix of `target` says; CSV and Parquet hold a single one.

    Raises NoInput for another suffix, several frames in a file for one, or more rows than a
    worksheet holds; CannotWrite where the file cannot be written.
    """
    if target.suffix not in SUFFIXES:
        raise NoInput(f"{target}: the name must end with one of {', '.join(SUFFIXES)}")
    if target.suffix != ".xlsx" and len(frames) != 1:
        raise NoInput(f"{target}: holds a single table; name one, or write a workbook (.xlsx)")
    try:
        if target.suffix == ".xlsx":
            write_workbook(frames, target)
            return
        (frame,) = frames.values()
        if target.suffix == ".csv":
            write_csv([frame], target)
        else:
            frame.to_parquet(target, index=False)
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
        raise CannotWrite(target, problem, "Name another place, or free some room") from error


def write_csv(frames: Iterable[pd.DataFrame], target: Path) -> None:
    """Write frames with the same columns below each other, with one head."""
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        for number, frame in enumerate(frames):
            _for_csv(frame).to_csv(
                file,
                index=False,
                header=number == 0,
                lineterminator="\r\n",
                date_format="%Y-%m-%dT%H:%M:%S",
            )


def write_workbook(
    frames: Mapping[str, pd.DataFrame],
    target: Path,
    created: datetime | None = None,
    columns_that_stay: int = 0,
) -> None:
    """Write a worksheet for each frame, with filters, and a head and first columns that stay in
    view. NoInput where one has more rows than a worksheet holds.

    With `created`, the moment that the workbook states, the same frames give the same bytes.
    """
    for name, frame in frames.items():
        if len(frame) > WORKSHEET_ROWS:
            raise NoInput(
                f"{name}: {len(frame)} rows, a worksheet holds {WORKSHEET_ROWS}; write .csv or "
                ".parquet, or choose rows with --sql"
            )
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with pd.ExcelWriter(
        target,
        engine="xlsxwriter",
        engine_kwargs={"options": options},
        date_format="YYYY-MM-DD",
        datetime_format="YYYY-MM-DD HH:MM:SS",
    ) as writer:
        if created is not None:
            writer.book.set_properties({"created": created})
        for name, frame in frames.items():
            short = name[:WORKSHEET_NAME_LENGTH]
            _write_worksheet(writer, short, _for_worksheet(frame))
            writer.sheets[short].freeze_panes(1, min(columns_that_stay, len(frame.columns)))


def _to_frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(types_mapper=_pandas_type)
    return frame


def _pandas_type(kind: pa.DataType) -> Any:
    if pa.types.is_integer(kind):
        return pd.Int64Dtype()
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pd.StringDtype()
    if pa.types.is_boolean(kind):
        return pd.BooleanDtype()
    if pa.types.is_decimal(kind) or pa.types.is_date(kind):
        return pd.ArrowDtype(kind)
    return None


def _join_lists(frame: pd.DataFrame) -> pd.DataFrame:
    """Lists as texts: a cell of a spreadsheet holds a single value."""
    joined = frame.copy()
    for name in frame.columns:
        if frame[name].dtype == object and any(map(_is_list, frame[name])):
            values = frame[name].map(lambda v: ", ".join(map(str, v)) if _is_list(v) else v)
            joined[name] = values.astype("string")
    return joined


def _is_list(value: object) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, str | bytes)


def _is_text(column: "pd.Series[Any]") -> bool:
    return isinstance(column.dtype, pd.StringDtype) or column.dtype == object


def _is_decimal(column: "pd.Series[Any]") -> bool:
    kind = column.dtype
    return isinstance(kind, pd.ArrowDtype) and pa.types.is_decimal(kind.pyarrow_dtype)


def _for_csv(frame: pd.DataFrame) -> pd.DataFrame:
    inert = _join_lists(frame)
    for name in inert.columns:
        if _is_text(inert[name]):
            inert[name] = inert[name].map(make_inert, na_action="ignore")
        elif _is_decimal(inert[name]):
            inert[name] = inert[name].astype(object).map(_print_decimal, na_action="ignore")
    return inert


def _print_decimal(value: Decimal) -> str:
    """`67`, not `67.000000`."""
    return format(value.normalize(), "f")


def _write_worksheet(writer: "pd.ExcelWriter[Any]", name: str, shown: pd.DataFrame) -> None:
    shown.to_excel(writer, sheet_name=name, index=False)
    worksheet = writer.sheets[name]
    head = writer.book.add_format(_HEAD_FORMAT)
    plain = writer.book.add_format({"valign": "top"})
    text = writer.book.add_format({"valign": "top", "indent": 1})
    long_text = writer.book.add_format({"valign": "top", "indent": 1, "text_wrap": True})
    long_columns = []
    for position, column in enumerate(shown.columns):
        width = _column_width(shown[column], str(column))
        is_long = width == COLUMN_WIDTH_CHARACTERS[1]
        long_columns += [column] if is_long else []
        short_format = text if _is_text(shown[column]) else plain
        worksheet.set_column(position, position, width, long_text if is_long else short_format)
        worksheet.write(0, position, str(column), head)
    for row, texts in enumerate(shown[long_columns].itertuples(index=False), start=1):
        lines = max((_count_lines(v) for v in texts if isinstance(v, str)), default=1)
        if lines > 1:
            worksheet.set_row(row, min(lines, MOST_LINES) * _LINE_POINTS)
    worksheet.set_landscape()
    worksheet.set_paper(_A4)
    worksheet.fit_to_pages(1, 0)  # as wide as a page, as long as it takes
    worksheet.repeat_rows(0)
    if len(shown.columns):
        worksheet.autofilter(0, 0, max(len(shown), 1), len(shown.columns) - 1)


def _for_worksheet(frame: pd.DataFrame) -> pd.DataFrame:
    """Decimals as numbers that a worksheet holds: whole ones as such, else binary fractions; days
    as days.
    """
    shown = _join_lists(frame)
    for name in shown.columns:
        if _is_decimal(shown[name]):
            shown[name] = shown[name].astype("Float64")
        elif isinstance(shown[name].dtype, pd.ArrowDtype):
            shown[name] = shown[name].astype(object)
    return shown


def _column_width(column: "pd.Series[Any]", heading: str) -> int:
    shown = [heading, *(str(v) for v in column.head(200) if not pd.isna(v))]
    narrowest, widest = COLUMN_WIDTH_CHARACTERS
    return min(max(max(map(_count_half_widths, shown)) + 2, narrowest), widest)


def _count_lines(text: str) -> int:
    """How many lines a text takes in the widest column; some room is lost where a word ends."""
    return 1 + (_count_half_widths(text) * 21 // 20 - 1) // COLUMN_WIDTH_CHARACTERS[1]


def _count_half_widths(text: str) -> int:
    """How wide a text is in Latin characters; a Chinese one has the width of two."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)
