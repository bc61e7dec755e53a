"""Counts of 规章 and 规范性文件, as table 二 has them: proactive.normative.issued = 17.

`find_documents` gives them for a sentence. A clause that names only what was done (废止30件), or
only to what (规范性文件9件), goes on from the clause before it.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from transform.narrative.clauses import Claim, Clause, ParsedSentence
from transform.narrative.numerals import parse_count
from transform.narrative.patterns import ClauseMatch, DocumentPhrases

_NAMED: Final = re.compile("规章|规范性文件")


class _Spoken(NamedTuple):
    """What a clause speaks of: `done` and `subject` are ids of `data/statements.yaml`."""

    done: str | None = None
    subject: str | None = None


def find_documents(parsed: ParsedSentence) -> Iterator[Claim]:
    """The counts that a sentence states, one of each metric."""
    if not _NAMED.search(parsed.text):
        return
    stated: set[str] = set()
    before = _Spoken()
    for clause in parsed.clauses:
        found = _fit(parsed.phrases.documents, clause)
        if found is None:
            before = _Spoken()
            continue
        spoken = _read_groups(parsed.phrases.documents, found)
        before = _Spoken(spoken.done or before.done, spoken.subject or before.subject)
        metric = f"proactive.{before.subject}.{before.done}"
        value = parse_count(found["n"]) if "n" in found.groupdict() else Decimal(0)
        if None in before or value is None or metric in stated:
            continue
        if parsed.is_of_year(clause, found):
            stated.add(metric)
            scope = parsed.find_scope(clause, ClauseMatch(found, ""))
            yield Claim(metric, value, clause.at, scope)


def _fit(phrases: DocumentPhrases, clause: Clause) -> re.Match[str] | None:
    if clause.is_bracketed or phrases.unless.search(clause.text):
        return None
    patterns = (*phrases.count, phrases.none)
    return next((found for p in patterns if (found := p.search(clause.text)) is not None), None)


def _read_groups(phrases: DocumentPhrases, found: re.Match[str]) -> _Spoken:
    groups = found.groupdict()
    done = next((d for d in phrases.done if groups.get(f"done_{d}")), None)
    return _Spoken(done, next((s for s in phrases.subjects if groups.get(f"subject_{s}")), None))
