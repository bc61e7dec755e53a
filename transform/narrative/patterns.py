"""The patterns of `data/statements.yaml`, compiled: what a clause of the prose must look like to
state a figure.

`load_phrases()` gives `Phrases`. A pattern that cannot be compiled, an unknown name in braces or an
unknown key is refused with file and line (`ConfigError`). `list_metric_cells(forms)` gives the
cells that each metric answers to, edition by edition.

Out of scope: applying the patterns (`transform.narrative.claims`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from data import ConfigError, ConfigFile, read, validate_file
from transform.form.forms import Edition, Forms

# characters; no honest clause is as long, and patterns are tried at every place of one
LONGEST_CLAUSE: Final = 120
_NAME: Final = re.compile(r"\{([a-z]+)\}")
# what may stand before the words that a pattern knows
_WHO: Final = re.compile("[一-鿿、“”]{0,28}")


class _PhraseEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _MetricEntry(_PhraseEntry):
    id: str
    test: Literal["received", "answered", "carried", "result", "dispute", "decisions", "fees"]
    year: int = 0
    patterns: list[str]
    zero: list[str] = []
    readings: list[list[str]]


class _SubjectEntry(_PhraseEntry):
    id: str
    pattern: str
    readings: list[str]


class _DocumentsEntry(_PhraseEntry):
    unless: str
    subjects: dict[str, str]
    done: dict[str, str]
    columns: dict[str, list[str]]


class _GrowthEntry(_PhraseEntry):
    patterns: list[str]
    before: str


class _PhrasesFile(_PhraseEntry):
    words: dict[str, str]
    scope: list[str]
    not_this_year: list[str]
    not_requests: list[str]
    not_disputes: list[str]
    disclosed: str
    partly: list[str]
    parted: str
    parts_begin: str
    metrics: list[_MetricEntry]
    documents: _DocumentsEntry
    outcomes: dict[str, list[str]]
    subjects: list[_SubjectEntry]
    all_done: list[str]
    all_granted: str
    all_upheld: str
    decided: str
    growth: _GrowthEntry
    share: str
    period: str
    fees: str
    silent: str
    sections: dict[str, str]


class ClauseMatch(NamedTuple):
    """A clause that a pattern fits to its end; `who` is what stands before, without words that
    change nothing.
    """

    found: re.Match[str]
    who: str


@dataclass(frozen=True, slots=True)
class Metric:
    """What is counted.

    A clause that fits one of `patterns` gives the figure, one of `zero` says that there was none.

    `year` is the year that a pattern's own year must be, counted from the report's.
    """

    metric: str
    test: str
    year: int
    patterns: tuple[re.Pattern[str], ...]
    zero: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the outcomes of a sentence belong to."""

    subject: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class DocumentPhrases:
    """How a clause counts 规章 and 规范性文件: `count` is what was done, to what, and the figure;
    `none` says that there was none. Both name the groups `done_ID` and `subject_ID`.
    """

    count: tuple[re.Pattern[str], ...]
    none: re.Pattern[str]
    unless: re.Pattern[str]
    subject: re.Pattern[str]
    done: tuple[str, ...]
    subjects: tuple[str, ...]


class MetricReadings(NamedTuple):
    """The cells that a figure may be the sum of, in any one of `readings`; a cell is written
    `table|row|column`, with a minus ahead where it is taken off.
    """

    metric: str
    test: str
    readings: tuple[tuple[str, ...], ...]


class MetricCell(NamedTuple):
    """One cell of one reading of a metric: the figure may be the sum of `coefficient` times the
    cells of any one reading.
    """

    metric: str
    test: str
    edition: str
    reading: int
    table_id: str
    row_id: str
    col_id: str
    coefficient: int


@dataclass(frozen=True, eq=False)
class Phrases:
    """All patterns.

    Those of clauses fit a clause to its end (`fit`); `scope`, `partly` and the like are looked for
    anywhere.
    """

    lead: re.Pattern[str]
    trail: re.Pattern[str]
    metrics: tuple[Metric, ...]
    outcomes: Mapping[str, tuple[re.Pattern[str], ...]]
    subjects: tuple[Subject, ...]
    documents: DocumentPhrases
    all_done: tuple[re.Pattern[str], ...]
    all_granted: re.Pattern[str]
    all_upheld: re.Pattern[str]
    growth: tuple[re.Pattern[str], ...]
    before: tuple[re.Pattern[str], ...]
    share: re.Pattern[str]
    named: re.Pattern[str]
    because: re.Pattern[str]
    count: re.Pattern[str]
    money: re.Pattern[str]
    scope: re.Pattern[str]
    not_this_year: re.Pattern[str]
    not_requests: re.Pattern[str]
    not_disputes: re.Pattern[str]
    disclosed: re.Pattern[str]
    partly: re.Pattern[str]
    parted: re.Pattern[str]
    parts_begin: re.Pattern[str]
    decided: re.Pattern[str]
    period: re.Pattern[str]
    fees: re.Pattern[str]
    silent: re.Pattern[str]
    sections: Mapping[str, re.Pattern[str]]
    readings: tuple[MetricReadings, ...]

    def fit(self, patterns: tuple[re.Pattern[str], ...], clause: str) -> ClauseMatch | None:
        """The first of `patterns` that fits the clause to its end, if nothing but a name may stand
        before it.
        """
        for pattern in patterns if len(clause) <= LONGEST_CLAUSE else ():
            found = pattern.search(clause)
            if found is not None:
                lead = self.lead.match(clause, 0, found.start())
                begin = lead.end() if lead else 0
                last = self.trail.search(clause, begin, found.start())
                who = clause[begin : last.start() if last else found.start()]
                if _WHO.fullmatch(who):
                    return ClauseMatch(found, who)
        return None

    def strip_named(self, match: ClauseMatch) -> str:
        """What stands before the words of a pattern, without the name of applications, which may
        reach into them: a scope is a whole phrase.
        """
        named = self.named.match(match.who + match.found[0])
        if named is not None and named.end() > len(match.who):
            return ""
        return self.named.sub("", match.who)


@dataclass(frozen=True, slots=True)
class _PatternCompiler:
    """The file and the named parts of patterns; `where` is the key that a message names."""

    sheet: ConfigFile
    words: Mapping[str, str]

    def compile_clause(self, text: str, where: str) -> re.Pattern[str]:
        """A pattern that fits a clause to its end."""
        expanded = _expand_names(text, self.words, self.sheet, where)
        return _compile_pattern(rf"(?:{expanded})\Z", self.sheet, where)

    def compile_clauses(self, texts: Iterable[str], where: str) -> tuple[re.Pattern[str], ...]:
        return tuple(self.compile_clause(text, where) for text in texts)

    def compile_anywhere(self, texts: Sequence[str] | str, where: str) -> re.Pattern[str]:
        """A pattern, or several of which one must fit, that may stand anywhere."""
        text = texts if isinstance(texts, str) else "|".join(texts)
        return _compile_pattern(
            _expand_names(text, self.words, self.sheet, where), self.sheet, where
        )


@lru_cache(maxsize=1)
def load_phrases(path: Path | None = None) -> Phrases:
    """The patterns of the file (by default the one that comes with the project), read once and
    kept.
    """
    sheet = read(files("data") / "statements.yaml" if path is None else path)
    file = validate_file(sheet, _PhrasesFile)
    words = _expand_words(file.words, sheet)
    compiler = _PatternCompiler(sheet, words)
    clauses, anywhere = compiler.compile_clauses, compiler.compile_anywhere
    return Phrases(
        lead=anywhere(f"{words['lead']}*", "words"),
        trail=anywhere(rf"{words['lead']}+\Z", "words"),
        metrics=tuple(
            Metric(m.id, m.test, m.year, clauses(m.patterns, "metrics"), clauses(m.zero, "metrics"))
            for m in file.metrics
        ),
        outcomes={name: clauses(texts, "outcomes") for name, texts in file.outcomes.items()},
        subjects=tuple(Subject(s.id, anywhere(s.pattern, "subjects")) for s in file.subjects),
        documents=_compile_documents(compiler, file.documents),
        all_done=clauses(file.all_done, "all_done"),
        all_granted=compiler.compile_clause(file.all_granted, "all_granted"),
        all_upheld=anywhere(file.all_upheld, "all_upheld"),
        growth=clauses(file.growth.patterns, "growth"),
        before=clauses([file.growth.before], "growth"),
        named=anywhere(words["named"], "words"),
        because=anywhere(words["because"] + "|" + words["dispute"] + "|结果|中|其中", "words"),
        count=anywhere(words["count"], "words"),
        money=anywhere(words["money"], "words"),
        share=anywhere(file.share, "share"),
        scope=anywhere(file.scope, "scope"),
        not_this_year=anywhere(file.not_this_year, "not_this_year"),
        not_requests=anywhere(file.not_requests, "not_requests"),
        not_disputes=anywhere(file.not_disputes, "not_disputes"),
        disclosed=anywhere(file.disclosed, "disclosed"),
        partly=anywhere(file.partly, "partly"),
        parted=anywhere(file.parted, "parted"),
        parts_begin=anywhere(file.parts_begin, "parts_begin"),
        decided=anywhere(file.decided, "decided"),
        period=anywhere(file.period, "period"),
        fees=anywhere(file.fees, "fees"),
        silent=anywhere(file.silent, "silent"),
        sections={name: anywhere(text, "sections") for name, text in file.sections.items()},
        readings=tuple(_list_readings(file)),
    )


def _compile_documents(compiler: _PatternCompiler, entry: _DocumentsEntry) -> DocumentPhrases:
    where = "documents"
    done = _alternatives("done", entry.done)
    subject = _alternatives("subject", entry.subjects)
    between = "(?:数量|件数|总数|共计|总计|共|为|的)*"
    return DocumentPhrases(
        count=compiler.compile_clauses(
            (
                rf"\A{{lead}}*(?:{done})?(?:{subject})?{between}{{count}}",
                rf"\A{{lead}}*{done}{{count}}{subject}",
            ),
            where,
        ),
        none=compiler.compile_clause(rf"\A{{lead}}*{{never}}(?:有)?{done}(?:过)?{subject}", where),
        unless=compiler.compile_anywhere(entry.unless, where),
        subject=compiler.compile_anywhere(list(entry.subjects.values()), where),
        done=tuple(entry.done),
        subjects=tuple(entry.subjects),
    )


def _alternatives(kind: str, texts: Mapping[str, str]) -> str:
    """The patterns of `texts` as alternatives, each a group of its own."""
    return "(?:" + "|".join(f"(?P<{kind}_{name}>{text})" for name, text in texts.items()) + ")"


def _list_readings(file: _PhrasesFile) -> Iterator[MetricReadings]:
    """The cells, as written in the file, that each metric may answer to."""
    for metric in file.metrics:
        yield MetricReadings(metric.id, metric.test, tuple(tuple(r) for r in metric.readings))
    for subject in file.subjects:
        for outcome in file.outcomes if subject.readings else ():
            cells = tuple(f"disputes|cases|{group}.{outcome}" for group in subject.readings)
            yield MetricReadings(f"disputes.{subject.id}.{outcome}", "dispute", (cells,))
        left = tuple(
            f"disputes|cases|{group}.{outcome}"
            for group in subject.readings
            for outcome in ("corrected", "pending")
        )
        upheld = f"disputes.{subject.id}.all_upheld"
        yield MetricReadings(upheld, "all_upheld", (left,) if left else ())
    yield from _list_document_readings(file.documents)
    others = ("partial", "denied", "unable", "not_processed", "other")
    ungranted = tuple(f"requests|{row}|total" for row in others)
    yield MetricReadings("requests.all_granted", "all_granted", (ungranted,))
    yield MetricReadings("requests.all_done", "all_done", (("requests|carried_out|total",),))


def _list_document_readings(entry: _DocumentsEntry) -> Iterator[MetricReadings]:
    for subject_id in entry.subjects:
        for done, columns in entry.columns.items():
            cells = tuple((f"proactive|{subject_id}|{column}",) for column in columns)
            yield MetricReadings(f"proactive.{subject_id}.{done}", "documents", cells)


def _expand_words(texts: Mapping[str, str], sheet: ConfigFile) -> dict[str, str]:
    """The named parts of patterns, each of which may use those above it."""
    words: dict[str, str] = {}
    for name, text in texts.items():
        words[name] = _expand_names(text, words, sheet, name)
    return words


def _expand_names(text: str, words: Mapping[str, str], sheet: ConfigFile, where: str) -> str:
    def look_up(found: re.Match[str]) -> str:
        if found[1] not in words:
            raise ConfigError(
                f"{sheet.at((where,))}: {where}: {{{found[1]}}} is not among the words above "
                f"it: name one of {', '.join(words)}"
            )
        return words[found[1]]

    return _NAME.sub(look_up, "".join(text.split()))


def _compile_pattern(text: str, sheet: ConfigFile, where: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ConfigError(
            f"{sheet.at((where,))}: {where}: no pattern ({error}): correct “{text[:80]}”"
        ) from error


def list_metric_cells(forms: Forms) -> Iterator[MetricCell]:
    """The cells of every reading of every metric in every edition; a reading that names a cell
    which an edition lacks is not in it.
    """
    for edition in forms.editions.values():
        for readings in load_phrases().readings:
            for number, cells in enumerate(readings.readings):
                yield from _list_reading_cells(readings, number, cells, edition)


def _list_reading_cells(
    readings: MetricReadings, number: int, cells: Sequence[str], edition: Edition
) -> Iterator[MetricCell]:
    """The cells of one reading in one edition, none where the edition lacks one of them."""
    found = [_find_cells(text, edition) for text in cells]
    if not all(found):
        return
    for text, places in zip(cells, found, strict=True):
        coefficient = -1 if text.startswith("-") else 1
        for place in places:
            yield MetricCell(
                readings.metric, readings.test, edition.edition_id, number, *place, coefficient
            )


def _find_cells(text: str, edition: Edition) -> list[tuple[str, str, str]]:
    """The cells of `table|row|col`: a header row stands for its parts."""
    table_id, row_id, col_id = text.lstrip("-").split("|")
    table = edition.tables.get(table_id)
    if table is None or row_id not in {r.row_id for r in table.rows}:
        return []
    rows = (row_id,) if table.row(row_id).kind == "data" else table.children(row_id)
    return [(table_id, r, col_id) for r in rows if (r, col_id) in set(table.cells)]
