"""`nianbao why`: one cell's whole story from the warehouse.

What is printed and where, how it was read and what a second reader says, what people have said of
it, what the rules prove where it has no number, how each sum that the cell stands in comes out on
both sides, the explanations in which it is wrong, and every finding that names it, with what was
decided on it. Ids are those of the dictionary, so that the next `why` can be typed from what the
last one says.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb

from load.database import connect
from load.errors import NoInput
from review.judged import LEVELS
from review.messages import say
from review.suspects import cells_in_words
from transform.form.forms import load_forms
from transform.rules.expand import Instance, Term
from transform.rules.load import Rules, load_rules

Row = dict[str, Any]
Key = tuple[str, str, str]

_POSITION: Final = ("grid", "grid_row", "grid_col")


def tell(database: Path, report: str, table: str, row: str, col: str, lang: str) -> str:
    """The story in lines, in Chinese (zh) or English (en).

    NoInput if there is no such report or cell.
    """
    with connect(database) as con:
        report_id = _report(con, report)
        query = (
            "SELECT * FROM tidy WHERE report_id = ? ORDER BY table_id, row_position, col_position"
        )
        cells = {(c["table_id"], c["row_id"], c["col_id"]): c for c in _rows(con, query, report_id)}
        cell = cells.get((table, row, col))
        if cell is None:
            raise NoInput(f"{report}: no cell {table} {row} {col}; {_nearest(cells, table, row)}")
        query = (
            "SELECT * FROM findings WHERE report_id = ? AND list_contains(cells, ?) ORDER BY "
            "rule_id, instance"
        )
        findings = sorted(
            _rows(con, query, report_id, f"{table}|{row}|{col}"),
            key=lambda f: LEVELS.index(f["level"]),
        )
        corrections = _rows(
            con, "SELECT * FROM corrections WHERE report_id = ? ORDER BY ALL", report_id
        )
        suspects = _rows(
            con,
            (
                "SELECT * FROM suspects WHERE report_id = ? AND table_id = ? ORDER BY cause_id, "
                "rank, row_id, col_id"
            ),
            report_id,
            table,
        )
        ours = "report_id = ? AND table_id = ? AND row_id = ? AND col_id = ?"
        deductions = _rows(
            con,
            f"SELECT * FROM deductions WHERE {ours}",  # noqa: S608
            report_id,
            table,
            row,
            col,
        )
        remarks = _rows(
            con,
            "SELECT * FROM remarks WHERE report_id = ? AND table_id = ? AND code LIKE 'second.%'",
            report_id,
            table,
        )
    sums = list(_sums(cell, cells, findings, lang))
    suspected = list(_suspected(cell, suspects, lang))
    decided = {c["finding_id"]: c for c in corrections}
    lines = [
        *_cell(cell, lang),
        *_second(cell, remarks, lang),
        *_corrected(cell, corrections, lang),
        *(_proved(d, lang) for d in deductions),
        *([say("why.sums", lang), *sums] if sums else [say("why.no_sum", lang)]),
        *([say("why.suspected", lang), *suspected] if suspected else []),
        *(
            [
                say("why.findings", lang),
                *(_finding(f, decided.get(f["finding_id"]), lang) for f in findings),
            ]
            if findings
            else [say("why.no_finding", lang)]
        ),
    ]
    return "\n".join(lines)


def _report(con: duckdb.DuckDBPyConnection, named: str) -> str:
    query = """
        SELECT r.report_id FROM reports r JOIN documents d USING (document_id)
        WHERE r.report_id = $name OR d.file_name = $name
            OR r.agency_id || '-' || r.year = $name OR r.agency_name || '-' || r.year = $name
        ORDER BY r.is_current DESC, r.report_id
    """
    found = con.execute(query, {"name": named}).fetchall()
    if not found:
        raise NoInput(
            f"{named}: no such report; give a report_id, a file name, or agency and year "
            "joined by - (see the table `reports`)"
        )
    return str(found[0][0])


def _nearest(cells: dict[Key, Row], table: str, row: str) -> str:
    """What there is in place of a cell that is not there: columns of the row, else rows of the
    table, else tables.
    """
    columns = [c for t, r, c in cells if (t, r) == (table, row)]
    rows = dict.fromkeys(r for t, r, _ in cells if t == table)
    if columns:
        return f"this row has the columns {', '.join(columns)}"
    if rows:
        return f"this table has the rows {', '.join(rows)}"
    return f"this report has the tables {', '.join(sorted({t for t, _, _ in cells}))}"


def _cell(cell: Row, lang: str) -> list[str]:
    value = (
        "" if cell["value"] is None else f"{_plain(cell['value'])} {cell['unit'] or ''}".rstrip()
    )
    read = say(
        "why.read",
        lang,
        state=say(f"state.{cell['state']}", lang),
        value=value,
        reader=cell["reader"],
        confidence=cell["confidence"],
    )
    return [
        (
            f"{cell['agency_name'] or cell['agency_id']} {cell['year'] or '—'}, "
            f"{cell['file_name']} (report {cell['report_id']})"
        ),
        (
            f"{cell['table_id']} {cell['row_id']} {cell['col_id']}, {cell['edition']}: "
            f"{cell[f'row_label_{lang}']} / {cell[f'col_label_{lang}']}"
        ),
        _printed(cell, lang),
        read.replace("  ", " ").replace(" （", "（"),
    ]


def _printed(cell: Row, lang: str) -> str:
    if cell["state"] == "absent":
        return say("why.absent", lang)
    table, row, col = ("?" if cell[name] is None else cell[name] for name in _POSITION)
    place = say("why.place", lang, table=table, row=row, col=col)
    if cell["page"] is not None:
        place = say("why.page", lang, page=cell["page"]) + place
    text = " ".join((cell["raw_text"] or "").split())
    return (
        say("why.printed", lang, text=text, place=place)
        if text
        else say("why.blank", lang, place=place)
    )


def _second(cell: Row, remarks: Sequence[Row], lang: str) -> Iterator[str]:
    """What the second reading of the table says of the cell (`transform.crosscheck`)."""
    of_table = {r["code"]: r for r in remarks if r["row_id"] is None}
    mine = (cell["row_id"], cell["col_id"])
    of_cell = {r["code"]: r for r in remarks if (r["row_id"], r["col_id"]) == mine}
    read = of_table.get("second.agrees") or of_table.get("second.read") or {}
    reader = read.get("printed")
    if (differs := of_cell.get("second.differs")) is not None:
        yield say(
            "why.second_differs",
            lang,
            printed=differs["printed"] or "",
            meant=differs["meant"] or "",
            reader=reader or "?",
        )
    elif "second.unconfirmed" in of_cell:
        yield say("why.second_unconfirmed", lang, reader=reader or "?")
    elif reader is not None:
        yield say("why.second_same", lang, reader=reader)
    elif (failed := of_table.get("second.failed")) is not None:
        yield say("why.second_failed", lang, why=failed["printed"] or "")
    elif cell["state"] != "absent":
        yield say("why.no_second", lang)


def _corrected(cell: Row, corrections: Sequence[Row], lang: str) -> Iterator[str]:
    """What people have said of the cell."""
    for c in corrections:
        if (c["table_id"], c["row_id"], c["col_id"]) == (
            cell["table_id"],
            cell["row_id"],
            cell["col_id"],
        ):
            read = (
                say(f"state.{c['state_read'] or 'absent'}", lang)
                if c["value_read"] is None
                else _plain(c["value_read"])
            )
            said = (
                "why.corrected"
                if c["kind"] == "misreading"
                else "why.misprint_alone"
                if c["text_meant"] is None
                else "why.misprint"
            )
            yield _said(
                "why.stale" if c["is_stale"] else said, c, lang, read=read, meant=c["text_meant"]
            )


def _said(name: str, correction: Row, lang: str, **more: object) -> str:
    return say(
        name,
        lang,
        reason=correction["reason"],
        by=correction["decided_by"],
        on=correction["decided_on"],
        **more,
    )


def _proved(deduction: Row, lang: str) -> str:
    """What the rules say of a cell that has no number."""
    low, high, value = (
        None if deduction[name] is None else _plain(deduction[name])
        for name in ("low", "high", "value")
    )
    if deduction["basis"] == "assumed":
        return say("why.assumed", lang)
    if value is not None:
        said = "why.proved"
    elif high is None:
        said = "why.at_least"
    else:
        said = "why.at_most" if low is None else "why.between"
    return say(said, lang, low=low, high=high, value=value, rules=", ".join(deduction["rules"]))


def _suspected(cell: Row, suspects: Sequence[Row], lang: str) -> Iterator[str]:
    """The explanations of failing sums in which the cell is wrong, each with the other cells that
    it needs.
    """
    explanations: dict[tuple[str, int], list[Row]] = {}
    for s in suspects:
        explanations.setdefault((s["cause_id"], s["rank"]), []).append(s)
    for (cause, rank), needed in explanations.items():
        mine = [s for s in needed if (s["row_id"], s["col_id"]) == (cell["row_id"], cell["col_id"])]
        if mine:
            ordered = [*mine, *(s for s in needed if s not in mine)]
            text = cells_in_words(ordered, lambda table, row, col: f"{row} {col}", lang)
            margin = _margin(mine[0]["margin"], lang)
            sure = say("why.sure", lang) if mine[0]["confident"] else ""
            yield say(
                "why.explanation",
                lang,
                sure=sure,
                rank=rank,
                cause=cause,
                cells=text,
                margin=margin,
            )


def _margin(margin: float | None, lang: str) -> str:
    """What an explanation has before the next one, if there is a next one."""
    if margin is None:
        return ""
    return say("why.margin", lang, margin=margin) if margin else say("why.as_likely", lang)


def _finding(finding: Row, decision: Row | None, lang: str) -> str:
    text = (
        f"  {finding['level']} {finding['rule_id']} ({finding['status']}, "
        f"{finding['first_seen']:%Y-%m-%d}): {finding[f'message_{lang}']}"
    )
    return text if decision is None else f"{text} [{_said('why.decided', decision, lang)}]"


def _sums(cell: Row, cells: dict[Key, Row], findings: Sequence[Row], lang: str) -> Iterator[str]:
    """Every sum that the cell stands in: its state, and both sides."""
    rules = load_rules(load_forms())
    states = {(f["rule_id"], f["instance"]): f["state"] for f in findings}
    for instance, terms in _standing_in(rules, cell):
        own = (instance.rule_id, instance.instance)
        found = states.get(own) or _state_of(terms, cells, _hindered(findings, instance))
        state = say(f"state.{found}", lang)
        left, right = ([t for t in terms if t.side == side] for side in ("left", "right"))
        yield (
            f"  {instance.rule_id} {instance.instance}: {_total(left, cells)} {instance.operator} "
            f"{_total(right, cells)}, {state}"
        )
        for side, sign, parts in (("left", 1, left), ("right", -1, right)):
            if parts:
                yield f"    {say(f'side.{side}', lang)} {_side(parts, sign, cells, lang)}"


def _hindered(findings: Sequence[Row], instance: Instance) -> list[str]:
    """The cells that keep sums of the rule from being judged."""
    return [
        cell
        for f in findings
        if f["state"] == "not_assessable" and f["rule_id"] == instance.rule_id
        for cell in f["cells"]
    ]


def _state_of(terms: Sequence[Term], cells: dict[Key, Row], hindered: Sequence[str]) -> str:
    """The state of a sum that has no finding of its own: what is open is said once a table.
    `hindered` are the cells that keep sums of its rule from being judged.
    """
    if any(f"{t.table_id}|{t.row_id}|{t.col_id}" in hindered for t in terms):
        return "not_assessable"
    read = [cells.get((t.table_id, t.row_id, t.col_id)) for t in terms]
    states = [c["state"] if c else "absent" for c in read]
    if any(state in ("text", "absent") for state in states):
        return "not_assessable"
    if not any(state in ("blank", "marker") for state in states):
        return "holds"
    total = sum(t.coefficient * (c["value"] or 0) for t, c in zip(terms, read, strict=True) if c)
    return "not_assessable" if total else "holds_if_blank_is_zero"


def _standing_in(rules: Rules, cell: Row) -> list[tuple[Instance, list[Term]]]:
    key = (cell["edition"], cell["table_id"], cell["row_id"], cell["col_id"])
    mine = {
        (t.edition, t.rule_id, t.instance)
        for t in rules.terms
        if (t.edition, t.table_id, t.row_id, t.col_id) == key
    }
    terms: dict[tuple[str, str, str], list[Term]] = {}
    for t in rules.terms:
        if (t.edition, t.rule_id, t.instance) in mine:
            terms.setdefault((t.edition, t.rule_id, t.instance), []).append(t)
    return [
        (i, terms[i.edition, i.rule_id, i.instance])
        for i in rules.instances
        if (i.edition, i.rule_id, i.instance) in mine
    ]


def _total(terms: Sequence[Term], cells: dict[Key, Row]) -> str:
    """The sum of a side as the checks take it: only numbers add. A dash where the side has none."""
    total: Decimal | None = None if terms else Decimal(0)
    for t in terms:
        cell = cells.get((t.table_id, t.row_id, t.col_id))
        if cell is not None and cell["value"] is not None:
            total = (total or 0) + (t.coefficient if t.side == "left" else -t.coefficient) * cell[
                "value"
            ]
    return "—" if total is None else _plain(total)


def _side(terms: Sequence[Term], sign: int, cells: dict[Key, Row], lang: str) -> str:
    """The numbers of one side with their cells; zeros, blanks and the like are counted."""
    names = _shortest_names(terms)
    numbers, others = [], Counter[str]()
    for t, name in zip(terms, names, strict=True):
        cell = cells.get((t.table_id, t.row_id, t.col_id))
        if cell is None or cell["state"] != "number":
            others["absent" if cell is None else cell["state"]] += 1
        else:
            minus = "-" if t.coefficient * sign < 0 else ""
            numbers.append(f"{minus}{_plain(cell['value'])} ({name})")
    return " + ".join(
        [*numbers, *(f"{n} × {say(f'state.{state}', lang)}" for state, n in others.items())]
    ).replace("+ -", "- ")


def _shortest_names(terms: Sequence[Term]) -> list[str]:
    """What tells the cells apart: the column within one row, the row within one column."""
    if len({t.col_id for t in terms}) == 1:
        return [t.row_id for t in terms]
    if len({t.row_id for t in terms}) == 1:
        return [t.col_id for t in terms]
    return [f"{t.row_id} {t.col_id}" for t in terms]


def _plain(value: Decimal) -> str:
    return format(value.normalize() + 0, "f")


def _rows(con: duckdb.DuckDBPyConnection, query: str, *parameters: str) -> list[Row]:
    result = con.execute(query, list(parameters))
    names = [d[0] for d in result.description or []]
    return [dict(zip(names, values, strict=True)) for values in result.fetchall()]
