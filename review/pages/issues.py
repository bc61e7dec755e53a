"""What is to be mended in a report, as a person reads it: findings of one cause as one issue, with
the likely culprit, the sums that fail and the cells to look at; and how each cell is marked in the
form.

`issues_of(judged, lang)` gives errors first, in the order in which a reader of the form meets them.
Findings that come by the dozen (sums that only lack a zero) are counted in one issue a state.
Dismissed findings are left out of the marks and come last.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from review.judged import Judged
from review.messages import say
from review.names import name_cell, name_report, name_table
from review.pages.equations import WrittenEquation, equation_of
from review.pages.form_view import FormCells, Key, ShownTable, anchor_of, table_view
from review.pages.marks import anchor_of_key, as_key, implied_of, marks_of, ranked_suspects
from transform.form.forms import Table, load_forms
from transform.records import CellRow

LEVELS: Final = ("error", "warning", "info")
COUNTED: Final = ("holds_if_blank_is_zero", "not_assessable")
_MOST_POSSIBLE: Final = 3  # explanations offered where none is sure
_MOST_CELLS: Final = 4  # of one explanation told by name

Finding = dict[str, Any]
Suspect = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Advice:
    """One explanation of a cause: what to change, in words, with its cells."""

    text: str
    keys: tuple[str, ...]
    anchor: str
    kind: str


@dataclass(frozen=True, slots=True)
class Issue:
    """What one cause gives: its messages, sums and explanations. `keys` are all cells concerned,
    `anchor` is the cell to go to, empty where there is none.
    """

    level: str
    table: str
    messages: tuple[str, ...]
    equations: tuple[WrittenEquation, ...]
    sure: bool
    advice: tuple[Advice, ...]
    keys: tuple[str, ...]
    anchor: str
    finding_ids: tuple[str, ...]
    rules: tuple[str, ...]
    verdict: str
    status: str


@dataclass(frozen=True)
class ReportView:
    """One judged report, ready to be shown."""

    judged: Judged
    title: str
    tables: tuple[ShownTable, ...]
    missing: tuple[str, ...]
    issues: tuple[Issue, ...]
    names: Mapping[str, str]  # of each cell, by table|row|column

    def count(self, level: str) -> int:
        """How many findings of a level are not dismissed."""
        return sum(
            f["level"] == level and f.get("status") != "dismissed" for f in self.judged.findings
        )


def view_report(judged: Judged, lang: str) -> ReportView:
    """The report as a page shows it."""
    forms = load_forms()
    reading = judged.reading
    tables = [
        (t, forms.table(t.edition, t.table_id))
        for t in reading.tables
        if t.edition in forms.editions
    ]
    names = {
        (table.table_id, row, col): name_cell(table, row, col, lang)
        for _, table in tables
        for row, col in table.cells
    }
    cells = {(c.table_id, c.row_id, c.col_id): c for c in reading.cells}
    facts = _Facts(judged, {t.table_id: t for _, t in tables}, names, cells, lang)
    shown = FormCells(cells, marks_of(judged, lang), lang)
    return ReportView(
        judged,
        title_of(judged, lang),
        tuple(table_view(table, shown, names, True) for t, table in tables if t.found),
        tuple(name_table(table, lang) for t, table in tables if not t.found),
        tuple(_issues(facts)),
        {"|".join(key): name for key, name in names.items()},
    )


def title_of(judged: Judged, lang: str) -> str:
    """Whose report on which year; of what is no report the name of the file."""
    report = judged.reading.report
    return judged.reading.document.file_name if report is None else name_report(report, lang)


@dataclass(frozen=True)
class _Facts:
    judged: Judged
    tables: Mapping[str, Table]
    names: Mapping[Key, str]
    cells: Mapping[Key, CellRow]
    lang: str

    @property
    def editions(self) -> dict[str, str]:
        return {table_id: t.edition for table_id, t in self.tables.items()}


def _issues(facts: _Facts) -> Iterator[Issue]:
    findings = facts.judged.findings
    order = {key: n for n, key in enumerate(facts.names)}

    def place(finding: Finding) -> tuple[bool, int, int]:
        cells = finding["cells"] or ()
        first = order.get(as_key(cells[-1]), -1) if cells else -1
        return finding.get("status") == "dismissed", LEVELS.index(finding["level"]), first

    single = sorted((f for f in findings if f["state"] not in COUNTED), key=place)
    for together in _by_cause(single):
        yield _issue(facts, together)
    for state in COUNTED:
        counted = [f for f in findings if f["state"] == state]
        if counted:
            yield _counted(facts, state, counted)


def _by_cause(findings: Sequence[Finding]) -> Iterator[list[Finding]]:
    """Findings of one cause and one decision together, in the order of the first; the same words of
    several causes too.
    """
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for f in findings:
        of_cells = f["cells"] and f["cause_id"]
        cause = f["cause_id"] if of_cells else f["message_zh"]
        groups.setdefault((f.get("status") == "dismissed", cause), []).append(f)
    yield from groups.values()


def _issue(facts: _Facts, together: Sequence[Finding]) -> Issue:
    lang = facts.lang
    sure, advice = _explanations(facts, together[0]["cause_id"])
    keys = tuple(dict.fromkeys(key for f in together for key in f["cells"] or ()))
    label = _table_label(facts, keys)
    written = [equation_of(f, facts.editions, facts.cells, facts.names) for f in together]
    anchor = advice[0].anchor if advice else anchor_of_key(keys[-1]) if keys else ""
    return Issue(
        level=together[0]["level"],
        table=label,
        messages=tuple(dict.fromkeys(_short(f[f"message_{lang}"], label) for f in together)),
        equations=tuple(e for e in written if e is not None and not e.holds),
        sure=sure,
        advice=advice,
        keys=keys,
        anchor=anchor,
        finding_ids=_ids(together),
        rules=tuple(dict.fromkeys(f["rule_id"] for f in together)),
        verdict=next((f["verdict"] for f in together if f["verdict"]), ""),
        status=together[0].get("status") or "",
    )


def _explanations(facts: _Facts, cause: str) -> tuple[bool, tuple[Advice, ...]]:
    """Whether one explanation is sure, and those that are offered."""
    ranked = ranked_suspects(facts.judged.suspects, cause)
    if not ranked or ranked[0][0]["row_id"] is None:
        return False, ()
    sure = bool(ranked[0][0]["confident"])
    offered = ranked[: 1 if sure else _MOST_POSSIBLE]
    return sure, tuple(advice_of(cells, facts.names, facts.lang) for cells in offered)


def _table_label(facts: _Facts, keys: Sequence[str]) -> str:
    """The table that the first of the cells stands in."""
    table = facts.tables.get(keys[0].partition("|")[0]) if keys else None
    return "" if table is None else name_table(table, facts.lang)


def _ids(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Of a draft's findings the fingerprints, which are the ids that they would have."""
    return tuple(f.get("finding_id") or f.get("fingerprint") or "" for f in findings)


def advice_of(cells: Sequence[Suspect], names: Mapping[Key, str], lang: str) -> Advice:
    """One explanation in words; `names` are those of the cells."""
    keys = [(s["table_id"], s["row_id"], s["col_id"]) for s in cells]
    texts = [
        say(
            "page.change_cell" if " ".join((s["printed"] or "").split()) else "page.fill_cell",
            lang,
            name=names.get(key, s["row_id"]),
            printed=" ".join((s["printed"] or "").split()),
            implied=implied_of(s),
        )
        for s, key in zip(cells[:_MOST_CELLS], keys, strict=False)
    ]
    if len(cells) > _MOST_CELLS:
        texts.append(say("suspect.further_cells", lang, count=len(cells) - _MOST_CELLS))
    return Advice(
        say("suspect.and", lang).join(texts),
        tuple("|".join(key) for key in keys),
        anchor_of(keys[0]),
        say(f"kind.{cells[0]['kind']}", lang),
    )


def _counted(facts: _Facts, state: str, found: Sequence[Finding]) -> Issue:
    rules = Counter(f["rule_id"] for f in found)
    count = sum(rules.values())
    return Issue(
        level="info",
        table="",
        messages=(say(f"counted.{state}", facts.lang, count=count),),
        equations=(),
        sure=False,
        advice=(),
        keys=tuple(dict.fromkeys(key for f in found for key in f["cells"] or ())),
        anchor="",
        finding_ids=_ids(found),
        rules=tuple(rules),
        verdict="",
        status="",
    )


def _short(message: str, label: str) -> str:
    """The message without the table's name at its beginning, which stands above."""
    rest = message.removeprefix(label).lstrip(",:，：的 ") if label else message
    return rest[:1].upper() + rest[1:]
