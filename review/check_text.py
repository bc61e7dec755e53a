"""What `nianbao check` says to a person, in Chinese or English: what was read, then errors,
warnings and remarks, table by table.

Errors of one cause stand together, with the cells that would explain them. What one rule says
beyond its first dozen is counted in one line; what is said twice in the same words stands once.
Each finding ends with its rule in brackets, by which the dictionary and table `rules` know it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from extract.document import Reason
from review import messages as words
from review.judged import Judged
from review.suspects import explained
from transform.form.forms import load_forms
from transform.records import UNKNOWN_AGENCY, ReportRow, TableRow
from transform.rules.codebook import name_column, name_row

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
    ]
    counts = Counter(f["level"] for f in judged.findings)
    lines.append(
        words.COUNTS[lang].format(**{level: counts[level] for level in words.LEVELS})
        if counts
        else words.CLEAN[lang]
    )
    lines.append(_extent(judged, lang))
    for level, heading in words.LEVELS.items():
        found = [f for f in judged.findings if f["level"] == level]
        if found:
            listed = _by_table(found, judged.suspects, reading.tables, lang, most)
            lines += ["", heading[lang], *listed]
    return "\n".join(lines)


def _extent(judged: Judged, lang: str) -> str:
    """How far the check went: what of the prose was compared, and what for lack of last year's
    report was not.
    """
    parts = [words.COMPARED[lang].format(count=judged.figures_compared)]
    if not judged.compared_with_last_year:
        parts.append(words.NO_LAST_YEAR[lang])
    return words.AND[lang].join(parts) + ("。" if lang == "zh" else ".")


def name_reason(judged: Judged, lang: str) -> str:
    """Why there is no report, in words and, in brackets, as the outcome has it."""
    outcome = judged.reading.outcome
    said = words.NO_REPORT[lang].format(reason=_reason(outcome.reason or "", lang))
    return (
        f"{said} [{outcome.status}, "
        f"{outcome.reason}{': ' if outcome.detail else ''}{outcome.detail or ''}]"
    )


def _reason(reason: str, lang: str) -> str:
    """Why there is no report; formats that can be read are those of the registry."""
    text = words.REASONS[Reason(reason)][lang]
    if "{formats}" not in text:
        return text
    from extract.registry import READERS  # half of the readers' code, for one message

    return text.format(formats=("、" if lang == "zh" else ", ").join(READERS))


def name_report(report: ReportRow, lang: str) -> str:
    """The agency and year of a report, and whether one is not known."""
    agency = report.agency_id
    if agency == UNKNOWN_AGENCY:
        agency = (
            words.NOT_IN_FULL[lang].format(name=report.agency_name)
            if report.agency_name
            else words.UNKNOWN_AGENCY[lang]
        )
    return (words.NO_YEAR if report.year is None else words.YEAR)[lang].format(
        agency=agency, year=report.year
    )


def _forms(kind: str, tables: Sequence[TableRow], lang: str) -> str:
    between, end = ("、", "；") if lang == "zh" else (", ", "; ")
    parts = []
    for edition in dict.fromkeys(t.edition for t in tables if t.found):
        named = between.join(
            words.TABLES[t.table_id][lang] for t in tables if t.found and t.edition == edition
        )
        parts.append(words.EDITION[lang].format(edition=edition, tables=named))
    missing = between.join(words.TABLES[t.table_id][lang] for t in tables if not t.found)
    if missing:
        parts.append(words.NOT_FOUND[lang].format(tables=missing))
    return words.FORMS[lang].format(format=kind, tables=end.join(parts))


def _by_table(
    found: Sequence[Finding],
    suspects: Sequence[Finding],
    tables: Sequence[TableRow],
    lang: str,
    most: int | None,
) -> Iterator[str]:
    """The findings of one level, under the heading of the table that they are about, as a reader of
    the table meets them.
    """
    forms = load_forms()
    of_form = {t.table_id: forms.editions[t.edition].tables[t.table_id] for t in tables}
    labels = {
        table_id: table.label if lang == "zh" else table.label_en
        for table_id, table in of_form.items()
    }
    at = 0 if lang == "zh" else 1

    def name(table_id: str, row_id: str, col_id: str) -> str:
        table = of_form[table_id]
        return (
            f"{name_row(table, table.row(row_id))[at]} / "
            f"{name_column(table, table.column(row_id, col_id))[at]}"
        )

    explanations = {
        cause: list(explained([s for s in suspects if s["cause_id"] == cause], name, lang))
        for cause in {s["cause_id"] for s in suspects}
    }
    places: dict[str, int] = {}
    for table_id, table in of_form.items():
        for n, (row, col) in enumerate(table.cells):
            places |= {
                f"{table_id}|{row}|{col}": n,
                f"{table_id}|{row}": places.get(f"{table_id}|{row}", n),
            }
    ordered = sorted(found, key=lambda f: places.get((f["cells"] or [f["instance"]])[-1], -1))
    about = [
        (next((t for t, label in labels.items() if label in f[f"message_{lang}"]), ""), f)
        for f in ordered
    ]
    for table_id in ("", *labels):
        here = [f for t, f in about if t == table_id]
        if here:
            yield f"  {labels.get(table_id) or words.WHOLE_REPORT[lang]}"
            yield from _listed(here, explanations, labels.get(table_id, ""), lang, most)


def _listed(
    found: Sequence[Finding],
    explanations: Mapping[str, Sequence[str]],
    label: str,
    lang: str,
    most: int | None,
) -> Iterator[str]:
    times = Counter(f[f"message_{lang}"] for f in found)
    said: set[str] = set()
    shown, left = Counter[str](), Counter[str]()
    for cause in dict.fromkeys(f["cause_id"] for f in found):
        together = [f for f in found if f["cause_id"] == cause]
        if len(together) > 1:
            yield "    - " + words.ONE_CAUSE[lang].format(count=len(together))
        for finding in together:
            rule, message = finding["rule_id"], finding[f"message_{lang}"]
            if message in said:
                continue
            said.add(message)
            shown[rule] += 1
            if most is not None and shown[rule] > most:
                left[rule] += times[message]
            else:
                many = f" (× {times[message]})" if times[message] > 1 else ""
                yield (
                    f"{'      ' if len(together) > 1 else '    '}- {_without(message, label)} "
                    f"[{rule}]{many}"
                )
        yield from (
            f"      {'→' if n == 0 else ' '} {line}"
            for n, line in enumerate(explanations.get(cause, ()))
        )
    for rule, n in left.items():
        yield "    - " + words.MORE[lang].format(count=n, rule=rule)


def _without(message: str, label: str) -> str:
    """The message without the table's name at its beginning, which stands above; what it quotes of
    a document may hold line breaks.
    """
    rest = " ".join((message.removeprefix(label).lstrip(",:，：的 ") if label else message).split())
    return rest[:1].upper() + rest[1:]
