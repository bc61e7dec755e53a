"""What differs between two warehouses, in words: for a terminal, and as the changes of a release.

`diff_in_words(difference, lang)` gives lines of Markdown that read well as plain text, too: counts
of everything, then the reports, cells and findings by name. `MOST_NAMED` of each are named, and the
rest is counted; findings of level info are only counted. `diff_as_json` gives all of it.
"""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from load.diff import Difference, Row
from review.messages import say

MOST_NAMED: Final = 200
JSON_VERSION: Final = 1


def diff_in_words(difference: Difference, lang: str, names: tuple[str, str] | None = None) -> str:
    """The difference as Markdown; `names` are those of the two sides in place of their paths."""
    old, new = names or (str(difference.old), str(difference.new))
    lines = [say("diff.title", lang, old=old, new=new), ""]
    for path, number in difference.upgraded.items():
        lines += [say("diff.upgraded", lang, file=path, number=number), ""]
    parts = _parts(difference, lang)
    standing = _count_levels(difference.standing, lang)
    if not _differs(difference):
        lines += [say("diff.same", lang), ""]
    lines += [f"- {heading}: {count}" for heading, _, count in parts]
    lines += [f"- {say('diff.standing', lang)}: {standing}", ""]
    for heading, rows, _ in parts:
        if rows:
            lines += [f"## {heading}", "", *_first(rows, lang), ""]
    return "\n".join(lines)


def diff_as_json(difference: Difference) -> str:
    """All of the difference, for programs."""
    return json.dumps(
        {
            "version": JSON_VERSION,
            "old": str(difference.old),
            "new": str(difference.new),
            "upgraded": {str(path): number for path, number in difference.upgraded.items()},
            "reports": {
                "added": difference.added,
                "gone": difference.gone,
                "restated": difference.restated,
            },
            "cells": difference.cells,
            "findings": {
                "new": difference.findings_new,
                "fixed": difference.findings_fixed,
                "standing": difference.standing,
            },
        },
        ensure_ascii=False,
        indent=2,
        default=_plain,
    )


def _differs(d: Difference) -> bool:
    return any((d.added, d.gone, d.restated, d.cells, d.findings_new, d.findings_fixed))


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    raise TypeError(f"no JSON for {type(value)}")


def _parts(difference: Difference, lang: str) -> list[tuple[str, list[str], str]]:
    """Heading, lines and count of each part."""
    parts = [
        (name, [_name_report(r, lang) for r in rows], str(len(rows)))
        for name, rows in (
            ("added", difference.added),
            ("gone", difference.gone),
            ("restated", difference.restated),
        )
    ]
    parts.append(
        ("cells", [_name_cell(c, lang) for c in difference.cells], str(len(difference.cells)))
    )
    for name, rows in (
        ("findings_new", difference.findings_new),
        ("findings_fixed", difference.findings_fixed),
    ):
        counts = dict.fromkeys(("error", "warning", "info"), 0)
        for row in rows:
            counts[row["level"]] += 1
        lines = [_name_finding(r, lang) for r in rows if r["level"] != "info"]
        parts.append((name, lines, _count_levels(counts, lang)))
    return [(say(f"diff.{name}", lang), lines, count) for name, lines, count in parts]


def _count_levels(counts: Any, lang: str) -> str:
    return say("diff.levels", lang, **counts)


def _first(lines: Sequence[str], lang: str) -> Iterator[str]:
    for line in lines[:MOST_NAMED]:
        yield f"- {line}"
    if len(lines) > MOST_NAMED:
        yield f"- {say('diff.more', lang, count=len(lines) - MOST_NAMED)}"


def _name_report(report: Row, lang: str) -> str:
    year = report["year"] or say("diff.unnamed", lang)
    return f"{report['agency_id']} {year}: {report['title'] or report['after'] or report['before']}"


def _name_cell(cell: Row, lang: str) -> str:
    nothing = say("diff.nothing", lang)
    before, after = (nothing if cell[side] is None else cell[side] for side in ("before", "after"))
    restated = say("diff.restated_cell", lang) if cell["restated"] else ""
    where = f"{cell['table_id']} {cell['row_id']} {cell['col_id']}"
    return f"{cell['agency_id']} {cell['year']}, {where}: {before} → {after}{restated}"


def _name_finding(finding: Row, lang: str) -> str:
    words = finding[f"message_{lang}"]
    return f"{finding['agency_id']} {finding['year']}: {words} [{finding['rule_id']}]"
