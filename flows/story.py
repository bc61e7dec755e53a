"""`nianbao why`: one cell's whole story from the warehouse.

What is printed and where, how it was read, how each sum that the cell stands in comes out on both sides, and every finding
that names it. Ids are those of the dictionary, so that the next `why` can be typed from what the last one says.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb

from flows import words
from flows.request import NoInput
from load.warehouse import connect
from transform.form import load_forms
from transform.rules import Instance, Rules, Term, load_rules

Row = dict[str, Any]
Key = tuple[str, str, str]

_FROM_ZERO: Final = ("grid", "grid_row", "grid_col")  # counted from 0 in the warehouse, told from 1


def tell(database: Path, report: str, table: str, row: str, col: str, lang: str) -> str:
    """The story in lines, in Chinese (zh) or English (en). NoInput if there is no such report or cell."""
    with connect(database) as con:
        report_id = _report(con, report)
        query = "SELECT * FROM tidy WHERE report_id = ? ORDER BY table_id, row_position, col_position"
        cells = {(c["table_id"], c["row_id"], c["col_id"]): c for c in _rows(con, query, report_id)}
        cell = cells.get((table, row, col))
        if cell is None:
            raise NoInput(f"{report}: no cell {table} {row} {col}; {_nearest(cells, table, row)}")
        query = "SELECT * FROM findings WHERE report_id = ? AND list_contains(cells, ?) ORDER BY rule_id, instance"
        findings = sorted(_rows(con, query, report_id, f"{table}|{row}|{col}"), key=lambda f: list(words.LEVELS).index(f["level"]))
    sums = list(_sums(cell, cells, findings, lang))
    told = [f"  {f['level']} {f['rule_id']} ({f['status']}, {f['first_seen']:%Y-%m-%d}): {f[f'message_{lang}']}" for f in findings]
    lines = [*_cell(cell, lang), *([words.SUMS[lang], *sums] if sums else [words.NO_SUM[lang]])]
    return "\n".join([*lines, *([words.FINDINGS[lang], *told] if told else [words.NO_FINDING[lang]])])


def _report(con: duckdb.DuckDBPyConnection, named: str) -> str:
    query = """
        SELECT r.report_id FROM reports r JOIN documents d USING (document_id)
        WHERE r.report_id = $name OR d.file_name = $name OR r.agency_id || '-' || r.year = $name OR r.agency_name || '-' || r.year = $name
        ORDER BY r.is_current DESC, r.report_id
    """
    found = con.execute(query, {"name": named}).fetchall()
    if not found:
        raise NoInput(f"{named}: no such report; give a report_id, a file name, or agency and year joined by - (see the table `reports`)")
    return str(found[0][0])


def _nearest(cells: dict[Key, Row], table: str, row: str) -> str:
    """What there is in place of a cell that is not there: columns of the row, else rows of the table, else tables."""
    columns = [c for t, r, c in cells if (t, r) == (table, row)]
    rows = dict.fromkeys(r for t, r, _ in cells if t == table)
    if columns:
        return f"this row has the columns {', '.join(columns)}"
    if rows:
        return f"this table has the rows {', '.join(rows)}"
    return f"this report has the tables {', '.join(sorted({t for t, _, _ in cells}))}"


def _cell(cell: Row, lang: str) -> list[str]:
    value = "" if cell["value"] is None else f"{_plain(cell['value'])} {cell['unit'] or ''}".rstrip()
    read = words.READ[lang].format(state=words.STATES[cell["state"]][lang], value=value, reader=cell["reader"], confidence=cell["confidence"])
    return [
        f"{cell['agency_name'] or cell['agency_id']} {cell['year'] or '—'}, {cell['file_name']} (report {cell['report_id']})",
        f"{cell['table_id']} {cell['row_id']} {cell['col_id']}, {cell['edition']}: {cell[f'row_label_{lang}']} / {cell[f'col_label_{lang}']}",
        _printed(cell, lang),
        read.replace("  ", " ").replace(" （", "（"),
    ]


def _printed(cell: Row, lang: str) -> str:
    if cell["state"] == "absent":
        return words.ABSENT[lang]
    table, row, col = ("?" if cell[name] is None else cell[name] + 1 for name in _FROM_ZERO)
    place = words.PLACE[lang].format(table=table, row=row, col=col)
    if cell["page"] is not None:
        place = words.PAGE[lang].format(page=cell["page"]) + place
    text = " ".join((cell["raw_text"] or "").split())
    return words.PRINTED[lang].format(text=text, place=place) if text else words.BLANK[lang].format(place=place)


def _sums(cell: Row, cells: dict[Key, Row], findings: Sequence[Row], lang: str) -> Iterator[str]:
    """Every sum that the cell stands in: its state, and both sides."""
    rules = load_rules(load_forms())
    states = {(f["rule_id"], f["instance"]): f["state"] for f in findings}
    for instance, terms in _standing_in(rules, cell):
        state = words.STATES[states.get((instance.rule_id, instance.instance), "holds")][lang]
        left, right = ([t for t in terms if t.side == side] for side in ("left", "right"))
        yield f"  {instance.rule_id} {instance.instance}: {_total(left, cells)} {instance.operator} {_total(right, cells)}, {state}"
        for side, sign, parts in (("left", 1, left), ("right", -1, right)):
            if parts:
                yield f"    {words.SIDES[side][lang]} {_side(parts, sign, cells, lang)}"


def _standing_in(rules: Rules, cell: Row) -> list[tuple[Instance, list[Term]]]:
    key = (cell["edition"], cell["table_id"], cell["row_id"], cell["col_id"])
    mine = {(t.edition, t.rule_id, t.instance) for t in rules.terms if (t.edition, t.table_id, t.row_id, t.col_id) == key}
    terms: dict[tuple[str, str, str], list[Term]] = {}
    for t in rules.terms:
        if (t.edition, t.rule_id, t.instance) in mine:
            terms.setdefault((t.edition, t.rule_id, t.instance), []).append(t)
    return [(i, terms[i.edition, i.rule_id, i.instance]) for i in rules.instances if (i.edition, i.rule_id, i.instance) in mine]


def _total(terms: Sequence[Term], cells: dict[Key, Row]) -> str:
    """The sum of a side as the checks take it: only numbers add. A dash where the side has none."""
    total: Decimal | None = None if terms else Decimal(0)
    for t in terms:
        cell = cells.get((t.table_id, t.row_id, t.col_id))
        if cell is not None and cell["value"] is not None:
            total = (total or 0) + (t.coefficient if t.side == "left" else -t.coefficient) * cell["value"]
    return "—" if total is None else _plain(total)


def _side(terms: Sequence[Term], sign: int, cells: dict[Key, Row], lang: str) -> str:
    """The numbers of one side with their cells; zeros, blanks and the like are counted."""
    one_row, one_col = len({t.row_id for t in terms}) == 1, len({t.col_id for t in terms}) == 1
    numbers, others = [], Counter[str]()
    for t in terms:
        cell = cells.get((t.table_id, t.row_id, t.col_id))
        state = "absent" if cell is None else cell["state"]
        if cell is not None and state == "number":
            name = t.col_id if one_row and not one_col else t.row_id if one_col else f"{t.row_id} {t.col_id}"
            minus = "-" if t.coefficient * sign < 0 else ""
            numbers.append(f"{minus}{_plain(cell['value'])} ({name})")
        else:
            others[state] += 1
    return " + ".join([*numbers, *(f"{n} × {words.STATES[state][lang]}" for state, n in others.items())]).replace("+ -", "- ")


def _plain(value: Decimal) -> str:
    return format(value.normalize() + 0, "f")


def _rows(con: duckdb.DuckDBPyConnection, query: str, *parameters: str) -> list[Row]:
    result = con.execute(query, list(parameters))
    names = [d[0] for d in result.description or []]
    return [dict(zip(names, values, strict=True)) for values in result.fetchall()]
