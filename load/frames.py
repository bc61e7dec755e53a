"""Tables and views of a warehouse as pandas DataFrames with exact types.

`read_frame` gives one table or view, `query_frame` the result of a query. Counts are `Int64`, texts
`string`, moments `datetime64`; days stay dates and amounts decimals (`ArrowDtype`), where DuckDB's
own `df()` would make binary fractions of them. `write_frame` writes frames for people: a workbook
with a worksheet for each frame, CSV that Chinese Excel opens as it is (UTF-8 with a byte order
mark), or Parquet.

What is printed in a document may begin like a formula. In a workbook such a text is a text; in CSV
it gets an apostrophe in front (OWASP, CSV injection) unless it is a plain number.

Out of scope: which frames belong together (a release), and any change of the warehouse.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow as pa

from load.errors import CannotWrite, NoInput

if TYPE_CHECKING:
    from load.database import Con

WORKSHEET_ROWS: Final = 1_048_575  # that a worksheet can hold below its heading
WORKSHEET_NAME_LENGTH: Final = 31  # characters
COLUMN_WIDTH_CHARACTERS: Final = (8, 60)  # narrowest and widest column of a worksheet
SUFFIXES: Final = (".csv", ".parquet", ".xlsx")
_FORMULA_START: Final = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_PLAIN_NUMBER: Final = re.compile(r"\s*[+-]?\d[\d,]*(\.\d+)?\s*")


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
    table: pa.Table = relation.to_arrow_table()
    frame: pd.DataFrame = table.to_pandas(types_mapper=_pandas_type)
    return frame


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
            _write_workbook(frames, target)
            return
        (frame,) = frames.values()
        if target.suffix == ".csv":
            _for_csv(frame).to_csv(target, index=False, encoding="utf-8-sig", lineterminator="\r\n")
        else:
            frame.to_parquet(target, index=False)
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
        raise CannotWrite(target, problem, "Name another place, or free some room") from error


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
        if frame[name].map(_is_list).any():
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
            inert[name] = inert[name].map(_make_inert, na_action="ignore")
        elif _is_decimal(inert[name]):
            inert[name] = inert[name].astype(object).map(_print_decimal, na_action="ignore")
    return inert


def _print_decimal(value: Decimal) -> str:
    """`67`, not `67.000000`."""
    return format(value.normalize(), "f")


def _make_inert(text: object) -> object:
    is_formula = (
        isinstance(text, str) and _FORMULA_START.match(text) and not _PLAIN_NUMBER.fullmatch(text)
    )
    return f"'{text}" if is_formula else text


def _write_workbook(frames: Mapping[str, pd.DataFrame], target: Path) -> None:
    for name, frame in frames.items():
        if len(frame) > WORKSHEET_ROWS:
            raise NoInput(
                f"{name}: {len(frame)} rows, a worksheet holds {WORKSHEET_ROWS}; write .csv or "
                ".parquet, or choose rows with --sql"
            )
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with pd.ExcelWriter(target, engine="xlsxwriter", engine_kwargs={"options": options}) as writer:
        for name, frame in frames.items():
            shown = _for_worksheet(frame)
            sheet_name = name[:WORKSHEET_NAME_LENGTH]
            shown.to_excel(writer, sheet_name=sheet_name, index=False)
            worksheet = writer.sheets[sheet_name]
            worksheet.freeze_panes(1, 0)
            if len(shown.columns):
                worksheet.autofilter(0, 0, max(len(shown), 1), len(shown.columns) - 1)
            for position, column in enumerate(shown.columns):
                worksheet.set_column(position, position, _column_width(shown[column], str(column)))


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
    longest = max([len(heading), *(len(str(v)) for v in column.head(200) if not pd.isna(v))])
    narrowest, widest = COLUMN_WIDTH_CHARACTERS
    return min(max(longest + 2, narrowest), widest)
