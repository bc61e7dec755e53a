"""What `nianbao check` says to a person, in Chinese or English: what was read, then errors,
warnings and remarks, table by table.

Errors of one cause stand together, with the cells that would explain them. What one rule says
beyond its first dozen is counted in one line; what is said twice in the same words stands once.
Each finding ends with its rule in brackets, by which the dictionary and table `rules` know it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from review.judged import LEVELS, Judged
from review.messages import say
from review.names import BETWEEN, describe_reason, name_cell, name_report, name_table
from review.suspects import explained
from transform.form.forms import Table, load_forms
from transform.records import TableRow

MOST: Final = 12  # findings of one rule that are told of one table

Finding = dict[str, Any]


def as_text(judged: Judged, lang: str, most: int | None = MOST) -> str:
    """The whole verdict, with `most` findings of one rule in a table (None: all).

    Where there is no report, the reason in words and, in brackets, as the outcome has it.
    """
    reading = judged.reading
    if reading.report is None:
        return f"{judged.file}: {name_reason(judged, lang)}"
    lines = [
        str(judged.file),
        name_report(reading.report, lang),
        _forms(reading.document.format, reading.tables, lang),
        say("check.counts", lang, **judged.counts) if judged.findings else say("check.clean", lang),
        _extent(judged, lang),
    ]
    form = _FormOrder.of(reading.tables, lang)
    explanations = _explanations(judged, form)
    for level in LEVELS:
        found = [f for f in judged.findings if f["level"] == level]
        if found:
            listed = _by_table(found, explanations, form, most)
            lines += ["", say(f"level_heading.{level}", lang), *listed]
    return "\n".join(lines)


def _extent(judged: Judged, lang: str) -> str:
    """How far the check went: what of the prose was compared, and what for lack of last year's
    report was not.
    """
    parts = [say("check.compared", lang, count=judged.figures_compared)]
    if not judged.compared_with_last_year:
        parts.append(say("check.no_last_year", lang))
    return say("suspect.and", lang).join(parts) + ("。" if lang == "zh" else ".")


def name_reason(judged: Judged, lang: str) -> str:
    """Why there is no report, in words and, in brackets, as the outcome has it."""
    outcome = judged.reading.outcome
    said = say("check.no_report", lang, reason=describe_reason(outcome, lang))
    return (
        f"{said} [{outcome.status}, "
        f"{outcome.reason}{': ' if outcome.detail else ''}{outcome.detail or ''}]"
    )


def _forms(kind: str, tables: Sequence[TableRow], lang: str) -> str:
    parts = []
    for edition in dict.fromkeys(t.edition for t in tables if t.found):
        found = [t for t in tables if t.found and t.edition == edition]
        parts.append(say("check.edition", lang, edition=edition, tables=_names(found, lang)))
    missing = [t for t in tables if not t.found]
    if missing:
        parts.append(say("check.not_found", lang, tables=_names(missing, lang)))
    return say("check.forms", lang, format=kind, tables=say("suspect.and", lang).join(parts))


def _names(tables: Sequence[TableRow], lang: str) -> str:
    return BETWEEN[lang].join(say(f"table.{t.table_id}", lang) for t in tables)


@dataclass(frozen=True)
class _FormOrder:
    """The tables of one report, and the order in which a reader of it meets their cells."""

    lang: str
    tables: Mapping[str, Table]  # by table_id
    places: Mapping[str, int]  # by table|row|column, and table|row for the first of a row

    @classmethod
    def of(cls, rows: Sequence[TableRow], lang: str) -> "_FormOrder":
        """Of a report with these tables."""
        forms = load_forms()
        tables = {t.table_id: forms.editions[t.edition].tables[t.table_id] for t in rows}
        places: dict[str, int] = {}
        for table_id, table in tables.items():
            for n, (row, col) in enumerate(table.cells):
                places[f"{table_id}|{row}|{col}"] = n
                places.setdefault(f"{table_id}|{row}", n)
        return cls(lang, tables, places)

    def name(self, table_id: str, row_id: str, col_id: str) -> str:
        """The cell as a person calls it."""
        return name_cell(self.tables[table_id], row_id, col_id, self.lang)

    @property
    def labels(self) -> dict[str, str]:
        """The headings of the tables, by table_id."""
        return {table_id: name_table(table, self.lang) for table_id, table in self.tables.items()}

    def place(self, finding: Finding) -> int:
        """Where a finding stands among those of its table; what names no place comes first."""
        return self.places.get((finding["cells"] or [finding["instance"]])[-1], -1)


def _explanations(judged: Judged, form: _FormOrder) -> dict[str, list[str]]:
    """What is likely wrong, in lines, by cause."""
    return {
        cause: list(
            explained([s for s in judged.suspects if s["cause_id"] == cause], form.name, form.lang)
        )
        for cause in {s["cause_id"] for s in judged.suspects}
    }


def _by_table(
    found: Sequence[Finding],
    explanations: Mapping[str, Sequence[str]],
    form: _FormOrder,
    most: int | None,
) -> Iterator[str]:
    """The findings of one level, under the heading of the table that they are about, as a reader of
    the table meets them.
    """
    labels = form.labels
    about: dict[str, list[Finding]] = {table_id: [] for table_id in ("", *labels)}
    for finding in sorted(found, key=form.place):
        message = finding[f"message_{form.lang}"]
        about[next((t for t, label in labels.items() if label in message), "")].append(finding)
    for table_id, here in about.items():
        if here:
            label = labels.get(table_id, "")
            yield f"  {label or say('check.whole_report', form.lang)}"
            yield from _listed(_Telling.of(here, label, form.lang, most), explanations)


@dataclass(frozen=True)
class _Telling:
    """What is told of one table: each message once, of one rule the first few."""

    findings: Sequence[Finding]
    label: str  # of the table, which stands above
    lang: str
    times: Mapping[str, int]  # how many findings say the same, by message
    shown: Mapping[str, Finding]  # by message, the finding that says it
    left_out: Mapping[str, int]  # how many findings are only counted, by rule

    @classmethod
    def of(cls, findings: Sequence[Finding], label: str, lang: str, most: int | None) -> "_Telling":
        """Of the findings on one table, with `most` messages of a rule (None: all)."""
        key = f"message_{lang}"
        times = Counter(f[key] for f in findings)
        first: dict[str, Finding] = {}
        for finding in _by_cause(findings):
            first.setdefault(finding[key], finding)
        of_rule: dict[str, list[str]] = {}
        for message, finding in first.items():
            of_rule.setdefault(finding["rule_id"], []).append(message)
        shown = {message: first[message] for said in of_rule.values() for message in said[:most]}
        left_out = Counter[str]()
        for message, finding in first.items():
            if message not in shown:
                left_out[finding["rule_id"]] += times[message]
        return cls(findings, label, lang, times, shown, left_out)

    def tells(self, finding: Finding) -> bool:
        """Whether it is this finding that says its message."""
        return self.shown.get(finding[f"message_{self.lang}"]) is finding

    def line(self, finding: Finding) -> str:
        """A finding with its rule, and how many say the same."""
        message = finding[f"message_{self.lang}"]
        many = f" (× {self.times[message]})" if self.times[message] > 1 else ""
        return f"- {_without(message, self.label)} [{finding['rule_id']}]{many}"


def _by_cause(findings: Sequence[Finding]) -> list[Finding]:
    """Those of one cause together, in the order of the first."""
    causes = {cause: n for n, cause in enumerate(dict.fromkeys(f["cause_id"] for f in findings))}
    return sorted(findings, key=lambda f: causes[f["cause_id"]])


def _listed(telling: _Telling, explanations: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The findings cause by cause, with what would explain them, and what was left out."""
    for cause, findings in groupby(_by_cause(telling.findings), key=lambda f: str(f["cause_id"])):
        together = list(findings)
        margin = "    "
        if len(together) > 1:
            yield f"{margin}- {say('check.one_cause', telling.lang, count=len(together))}"
            margin += "  "
        yield from (margin + telling.line(f) for f in together if telling.tells(f))
        yield from (
            f"      {'→' if n == 0 else ' '} {line}"
            for n, line in enumerate(explanations.get(cause, ()))
        )
    for rule, n in telling.left_out.items():
        yield f"    - {say('check.more', telling.lang, count=n, rule=rule)}"


def _without(message: str, label: str) -> str:
    """The message without the table's name at its beginning, which stands above; what it quotes of
    a document may hold line breaks.
    """
    rest = " ".join((message.removeprefix(label).lstrip(",:，：的 ") if label else message).split())
    return rest[:1].upper() + rest[1:]
