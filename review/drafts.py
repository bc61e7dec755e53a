"""Several judged drafts in one table, for the office that collects them.

`summarise` gives a row a draft; `as_overview` the rows as text, those with most errors first;
`finding_rows` a row a finding, for a spreadsheet; `as_page` one HTML page that needs nothing else
and runs nothing. The rows have the keys of section `column` of the messages.

Out of scope: how one verdict reads (`review.check_text`), and files of rows (`load.frames`).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final

from review.check_text import as_text, name_reason
from review.judged import LEVELS, VERDICTS, Judged
from review.messages import say
from review.names import name_report

Row = dict[str, Any]

SUMMARY_COLUMNS: Final = (
    *("file", "agency", "year", "verdict", "errors", "warnings", "infos", "most_important"),
)
FINDING_COLUMNS: Final = ("file", "agency", "year", "level", "rule", "message", "cells")
_STYLE: Final = """
body { font: 15px/1.55 system-ui, "Microsoft YaHei", sans-serif; margin: 2rem; color: #1c1b19; }
table { border-collapse: collapse; } td, th { border: 1px solid #e3e0d8; padding: 4px 8px; }
th { text-align: left; } td.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
"""


def summarise(drafts: Sequence[Judged], lang: str) -> list[Row]:
    """A row a draft: those that cannot be read first, then those with most errors and warnings."""
    return [_summary(judged, lang) for judged in sorted(drafts, key=urgency)]


def urgency(judged: Judged | None) -> tuple[bool, int, int]:
    """A key that puts first what could not be read (None: not even judged), then most errors."""
    if judged is None or judged.reading.report is None:
        return False, 0, 0
    return True, -judged.counts["error"], -judged.counts["warning"]


def _summary(judged: Judged, lang: str) -> Row:
    report = judged.reading.report
    if report is None:
        known: Row = {"most_important": name_reason(judged, lang)}
    else:
        counts = judged.counts
        known = {
            "agency": report.agency_name or "",
            "year": report.year,
            "errors": counts["error"],
            "warnings": counts["warning"],
            "infos": counts["info"],
            "most_important": _most_important(judged, lang),
        }
    named = {"file": str(judged.file), "verdict": say(f"verdict.{judged.verdict}", lang)}
    return dict.fromkeys(SUMMARY_COLUMNS) | known | named


def _most_important(judged: Judged, lang: str) -> str:
    """The first error, or else the first warning."""
    for level in LEVELS[:2]:
        for finding in judged.findings:
            if finding["level"] == level:
                return " ".join(finding[f"message_{lang}"].split())
    return ""


def as_overview(drafts: Sequence[Judged], lang: str) -> str:
    """The table as text: how many drafts there are of each verdict, then two or three lines for
    each.
    """
    verdicts = Counter(judged.verdict for judged in drafts)
    lines = [
        say(
            "check.drafts",
            lang,
            count=len(drafts),
            **{name: verdicts[name] for name in VERDICTS},
        )
    ]
    by_file = {str(judged.file): judged for judged in drafts}
    for row in summarise(drafts, lang):
        report = by_file[row["file"]].reading.report
        if report is None:
            lines += ["", f"{row['file']}: {say('check.unreadable', lang)}"]
        else:
            counts = say("check.draft_counts", lang, error=row["errors"], warning=row["warnings"])
            lines += ["", f"{row['file']}: {counts}", f"  {name_report(report, lang)}"]
        if row["most_important"]:
            lines.append(f"  → {row['most_important']}")
    return "\n".join(lines)


def summary_rows(drafts: Sequence[Judged], lang: str) -> list[Row]:
    """The table with its columns named for people."""
    return [_named(row, SUMMARY_COLUMNS, lang) for row in summarise(drafts, lang)]


def finding_rows(drafts: Sequence[Judged], lang: str) -> list[Row]:
    """A row a finding, its columns named for people."""
    return [
        _named(row, FINDING_COLUMNS, lang) for judged in drafts for row in _findings(judged, lang)
    ]


def _findings(judged: Judged, lang: str) -> Iterator[Row]:
    report = judged.reading.report
    for finding in judged.findings:
        yield {
            "file": str(judged.file),
            "agency": "" if report is None else report.agency_name,
            "year": None if report is None else report.year,
            "level": say(f"level_heading.{finding['level']}", lang),
            "rule": finding["rule_id"],
            "message": finding[f"message_{lang}"],
            "cells": " ".join(finding["cells"]),
        }


def _named(row: Row, columns: Sequence[str], lang: str) -> Row:
    return {say(f"column.{column}", lang): row[column] for column in columns}


def as_page(drafts: Sequence[Judged], lang: str) -> str:
    """The table, and below it each verdict in full, as one HTML page."""
    heads = "".join(
        f"<th>{escape(say(f'column.{column}', lang))}</th>" for column in SUMMARY_COLUMNS
    )
    rows = "\n".join(
        f"<tr>{''.join(_cell(row[column]) for column in SUMMARY_COLUMNS)}</tr>"
        for row in summarise(drafts, lang)
    )
    verdicts = "\n".join(
        f"<h2>{escape(str(judged.file))}</h2>\n<pre>{escape(as_text(judged, lang, None))}</pre>"
        for judged in drafts
    )
    title = "nianbao check"
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n"
        f"{verdicts}\n</body>\n</html>\n"
    )


def _cell(value: Any) -> str:
    if isinstance(value, int):
        return f'<td class="number">{value}</td>'
    return f"<td>{escape(str(value or ''))}</td>"
