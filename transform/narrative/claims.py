"""The figures that a report states in its prose, as rows of table `statements`; tables of the form
are left out.

`statements(document, forms, year)` gives `StatementRow`s. `statement_id` is `number.metric`; rows
of one number belong together:

    requests.received, requests.denied, disputes.review.upheld …   a count, 0 where the text says that there was none
    requests.all_done, disputes.review.all_upheld …                0: by these words nothing is left over
    growth.percent with growth.now and growth.before               a rate of change; `before` only if the sentence gives it
    share.percent with share.part and share.whole                  a part of a whole, in percent
    parts.whole or parts.some with parts.part                      a total and its parts; `whole` where they are all of them
    period.begin, period.end                                       days, as 20240131
    section.s1 … section.s6                                        the number printed before the heading
    words.s5, words.s6, fees.mentioned                             how many characters stand there; whether fees are spoken of
    scope                                                          words by which the figure may cover something else than the table

What does not fit a pattern of `data/statements.yaml` states nothing, and neither does a figure of
another year, an estimate (近百件, 5500余条) or a range. Whether the figures agree with the tables
is for the rules to say (`transform/rules/statements.sql`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations, takewhile
from typing import Final, NamedTuple

from extract.document import Document
from transform.form.forms import Forms
from transform.narrative.patterns import ClauseMatch, Metric, Phrases, load_phrases
from transform.narrative.sentences import Prose, Sentence, count_of, plain, prose_of, width
from transform.records import StatementRow

LONGEST: Final = 400  # characters of a sentence that are kept
# lines at the beginning, before the first section, that may name the agency
TITLE_LINES: Final = 30
TITLE_LENGTH: Final = 40
# characters of a sentence; a longer one is table text run together, in which no clause can be told
MANY: Final = 2_000
_WORTH: Final = re.compile("申请|公开|复议|诉讼|起诉|结转|答复|办结|维持|其中|%")
# in every clause that is a count of ours
_COUNTED: Final = re.compile(
    "申请|公开|复议|诉讼|起诉|转|顺延|答复|办结|回复|提供|处理|维持|纠正|结果|审结"
)
_ALL_OF: Final = re.compile("均|全部|都|率")
_CLAUSE: Final = re.compile(
    r"[^，。；：！？（）［］、]+(?:(?<![件宗份条次例起个项笔])、[^，。；：！？（）［］、]+)*"
)
MOST: Final = 400  # statements of one report; an honest one has some thirty
_SPOKEN: Final = re.compile("[，。；]")
_NO: Final = re.compile("未|没有|无|不存在")
_YEAR: Final = re.compile("(?<![比较与同转到至入])(20[0-9]{2})年(?!度?(?:结转|同期))")
_OF_DISCLOSURE: Final = re.compile("公开[^。]*(?:复议|诉讼)")
_CONTESTED: Final = re.compile("复议|诉讼|起诉")
_WHOLE_OF_RESULTS: Final = frozenset(
    f"requests.{r}" for r in ("granted", "partial", "denied", "unable", "not_processed", "other")
)
_OUTCOMES: Final = ("upheld", "corrected", "other", "pending")
_CARRIED: Final = ("requests.carried_in", "requests.carried_out")
_ALL: Final = (
    "requests.received",
    "requests.handled",
    "requests.answered",
)  # counts that others are a part of


class Claim(NamedTuple):
    """A count stated by a clause: `at` is the clause's place in its sentence, `scope` the words
    that restrict it.
    """

    metric: str
    value: Decimal
    at: int
    scope: str | None


class _Clause(NamedTuple):
    text: str
    start: int
    deep: bool  # in brackets


# the clause, its figures, the words that restrict them
_Found = tuple[int, list[tuple[str, Decimal | None]], str | None]


@dataclass
class _Rows:
    """The rows as they are found; it holds the running number."""

    rows: list[StatementRow] = field(default_factory=list)
    number: int = 0

    def add(
        self,
        sentence: str,
        paragraph: int | None,
        figures: Iterable[tuple[str, Decimal | None]],
        scope: str | None = None,
    ) -> None:
        seen: dict[str, int] = {}
        for metric, value in figures:
            seen[metric] = seen.get(metric, -1) + 1
            mark = f"{self.number}.{metric}" + (f".{seen[metric]}" if seen[metric] else "")
            self.rows.append(StatementRow(mark, metric, value, sentence[:LONGEST], paragraph))
        if scope:
            self.rows.append(StatementRow(f"{self.number}.scope", "scope", None, scope, paragraph))
        self.number += 1


def statements(document: Document, forms: Forms, year: int | None) -> tuple[StatementRow, ...]:
    """What the prose of `document`, a report on `year`, states.

    Without a year, figures of all years count as its own.
    """
    phrases = load_phrases()
    prose = prose_of(document, forms, phrases.sections)
    rows = _Rows()
    own = _own(document)
    fees = period = None
    for sentence in prose.sentences:
        if fees is None and phrases.fees.search(sentence.text):
            fees = sentence
        if period is None and (period := phrases.period.search(sentence.text)) is not None:
            _period(rows, sentence, period)
        if len(sentence.text) <= MANY and rows.number < MOST and _WORTH.search(sentence.text):
            _sentence(rows, sentence, year, phrases, own)
    # where the text has no lines, nothing can be said of headings
    if not document.text_without_cells:
        _sections(rows, prose, phrases)
        if fees is None and "费" in (body := prose.bodies.get("s6", "")):
            rows.add(body, None, [("fees.mentioned", None)])
    if fees is not None:
        rows.add(_around(fees.text, 0), fees.paragraph, [("fees.mentioned", None)])
    return tuple(rows.rows)


def _own(document: Document) -> str:
    """The first short lines and the title: where the agency names itself."""
    lines = [
        plain(p.text) for p in document.paragraphs[:TITLE_LINES] if len(p.text) <= TITLE_LENGTH
    ]
    lines = list(takewhile(lambda line: not line.startswith("一、"), lines))
    return "\n".join(
        (
            *(x for x in lines if not _SPOKEN.search(x)),
            *(plain(value) for key, value in document.facts if key == "title"),
        )
    )


def _period(rows: _Rows, sentence: Sentence, found: re.Match[str]) -> None:
    y1, m1, d1, y2, m2, d2 = (
        int(found[g] or found["y1"]) for g in ("y1", "m1", "d1", "y2", "m2", "d2")
    )
    rows.add(
        sentence.text,
        sentence.paragraph,
        [
            ("period.begin", Decimal(y1 * 10_000 + m1 * 100 + d1)),
            ("period.end", Decimal(y2 * 10_000 + m2 * 100 + d2)),
        ],
    )


def _sections(rows: _Rows, prose: Prose, phrases: Phrases) -> None:
    for heading in prose.headings:
        rows.add(
            heading.title,
            heading.paragraph,
            [
                (
                    f"section.{heading.section}",
                    None if heading.number is None else Decimal(heading.number),
                )
            ],
        )
        body = prose.bodies.get(heading.section)
        if heading.section in ("s5", "s6") and body is not None and not phrases.silent.search(body):
            rows.add(body, heading.paragraph, [(f"words.{heading.section}", Decimal(width(body)))])


def _sentence(
    rows: _Rows, sentence: Sentence, year: int | None, phrases: Phrases, own: str
) -> None:
    text = sentence.text
    if not (
        phrases.count.search(text) or _NO.search(text) or _ALL_OF.search(text)
    ) or phrases.not_this_year.search(text):
        return
    clauses = list(_clauses(sentence.text))
    claims: list[Claim] = []
    for at, clause in enumerate(clauses):
        # a second count of one thing in one sentence is of a part of it
        said = {c.metric for c in claims}
        claims.extend(
            c for c in _claims(sentence, clause, at, year, phrases, own) if c.metric not in said
        )
    for claim in claims:
        rows.add(
            _around(text, clauses[claim.at].start),
            sentence.paragraph,
            [(claim.metric, claim.value)],
            claim.scope,
        )
    others = (
        list(_nothing_left(sentence, clauses, claims, year, phrases, own))
        if _ALL_OF.search(text)
        else []
    )
    if "%" in text:
        others += [*_growth(clauses, claims, year, phrases), *_shares(clauses, claims, phrases)]
    if phrases.parted.search(text):
        others += _parts(clauses, claims, phrases)
    for at, figures, scope in others:
        rows.add(_around(text, clauses[at].start), sentence.paragraph, figures, scope)


def _clauses(text: str) -> Iterator[_Clause]:
    depth = last = 0
    for found in _CLAUSE.finditer(text):
        depth += text.count("（", last, found.start()) - text.count("）", last, found.start())
        last = found.start()
        yield _Clause(found[0], found.start(), depth > 0)


def _claims(
    sentence: Sentence, clause: _Clause, at: int, year: int | None, phrases: Phrases, own: str
) -> Iterator[Claim]:
    if not _COUNTED.search(clause.text):
        return
    counted, denied = phrases.count.search(clause.text), _NO.search(clause.text)
    if not (counted or denied):
        return
    for metric in phrases.metrics:
        for patterns in ((metric.patterns,) if counted else ()) + (
            (metric.zero,) if denied else ()
        ):
            fit = phrases.fit(patterns, clause.text)
            if fit is None:
                continue
            value = _value(fit.found) if patterns is metric.patterns else Decimal(0)
            if (
                value is not None
                and _is_of(year, sentence, clause, fit.found, metric.year)
                and _speaks_of(metric, sentence, clause, fit, phrases)
            ):
                yield Claim(metric.metric, value, at, _scope(sentence, clause, fit, phrases, own))
                if metric.metric.startswith("requests."):
                    return
    if not counted:
        return
    for outcome, patterns in phrases.outcomes.items():
        fit = phrases.fit(patterns, clause.text)
        if (
            fit is None
            or (value := _value(fit.found)) is None
            or not _is_of(year, sentence, clause, fit.found, 0)
        ):
            continue
        subject = _subject(sentence.text[: clause.start + fit.found.start("n")], phrases)
        if (
            subject not in (None, "both")
            and _of_disclosure(sentence)
            and not _rest(fit.who, phrases)
        ):
            yield Claim(
                f"disputes.{subject}.{outcome}",
                value,
                at,
                _scope(sentence, clause, ClauseMatch(fit.found, ""), phrases, own),
            )


def _value(found: re.Match[str]) -> Decimal | None:
    return count_of(found["n"])


def _is_of(
    year: int | None, sentence: Sentence, clause: _Clause, found: re.Match[str], offset: int
) -> bool:
    """Whether a figure is of the year reported on: the year named last before it is that one, and
    its own is `offset` from it.
    """
    groups = found.groupdict()
    end = next((found.start(g) for g in ("y", "n") if groups.get(g)), len(clause.text))
    named = _YEAR.findall(sentence.text[: clause.start] + clause.text[:end])
    return year is None or (
        (not named or int(named[-1]) == year)
        and (not groups.get("y") or int(groups["y"]) == year + offset)
    )


def _speaks_of(
    metric: Metric, sentence: Sentence, clause: _Clause, fit: ClauseMatch, phrases: Phrases
) -> bool:
    """Whether the words around a clause leave no doubt that it counts this."""
    before, so_far = (
        sentence.text[: clause.start],
        sentence.before + sentence.text[: clause.start + fit.found.end()],
    )
    if metric.test == "dispute":
        none = "n" not in fit.found.groupdict() and "公开" in sentence.before
        return (none or _of_disclosure(sentence)) and not phrases.not_disputes.search(fit.who)
    if (
        phrases.partly.search(phrases.named.sub("", fit.who))
        or "申请" not in so_far
        or "公开" not in so_far
    ):
        return False
    if metric.metric in _ALL and (
        clause.deep or (phrases.parted.match(clause.text) and metric.test == "received")
    ):
        return False
    if metric.test == "result":
        return "主动公开" not in before and not _CONTESTED.search(before)
    if metric.test == "carried" or phrases.named.search(clause.text):
        return True
    return not phrases.not_requests.search(
        sentence.text[: clause.start + fit.found.end()]
    ) and not _CONTESTED.search(before)


def _scope(
    sentence: Sentence, clause: _Clause, fit: ClauseMatch, phrases: Phrases, own: str
) -> str | None:
    """The words by which a figure may cover something else than the tables; words of the agency's
    own name are none.
    """
    for words in phrases.scope.finditer(sentence.text[: clause.start + fit.found.end()]):
        if words[0] not in own:
            return words[0]
    unit = fit.found.groupdict().get("u")
    if unit == "件次" or (unit and "." in fit.found["n"]):
        return str(fit.found["n"] + unit)
    who = phrases.named.sub("", fit.who)
    return who if who and who not in own else None


def _subject(text: str, phrases: Phrases) -> str | None:
    """What the words so far speak of last, of `subjects`."""
    best, at = None, -1
    for subject in phrases.subjects:
        for found in subject.pattern.finditer(text):
            if found.end() > at:
                best, at = subject.subject, found.end()
    return best


def _of_disclosure(sentence: Sentence) -> bool:
    """Whether reviews and lawsuits are those over disclosure: a government decides many others."""
    return "公开" in sentence.text or _OF_DISCLOSURE.search(sentence.before) is not None


def _rest(who: str, phrases: Phrases) -> str:
    """What `who` says beside naming the subject."""
    for subject in phrases.subjects:
        who = subject.pattern.sub("", who)
    return phrases.because.sub("", who)


def _around(text: str, start: int) -> str:
    """The sentence, or what of it is near `start` where it is too long to keep."""
    return text if len(text) <= LONGEST else text[max(0, start - LONGEST // 2) :][:LONGEST]


def _nothing_left(
    sentence: Sentence,
    clauses: Sequence[_Clause],
    claims: Sequence[Claim],
    year: int | None,
    phrases: Phrases,
    own: str,
) -> Iterator[_Found]:
    """Words that say that all was done, or all upheld."""
    for at, clause in enumerate(clauses):
        done = phrases.fit(phrases.all_done, clause.text)
        if done is not None and not done.who and _is_of(year, sentence, clause, done.found, 0):
            counted = any(
                c.metric in _ALL and c.value and c.at < at for c in claims
            ) or phrases.named.search(clause.text)
            left = any(c.metric == "requests.carried_out" and c.value for c in claims)
            other = phrases.not_requests.search(
                sentence.text[: clause.start + done.found.end()]
            ) or _CONTESTED.search(sentence.text[: clause.start])
            if counted and not left and not other:
                yield (
                    at,
                    [("requests.all_done", Decimal(0))],
                    _scope(sentence, clause, done, phrases, own),
                )
        upheld = phrases.all_upheld.search(clause.text)
        if (
            upheld is not None
            and not phrases.decided.search(sentence.text)
            and _of_disclosure(sentence)
        ):
            subject = _subject(sentence.text[: clause.start + upheld.start()], phrases)
            if subject is not None and _is_of(year, sentence, clause, upheld, 0):
                yield (
                    at,
                    [(f"disputes.{subject}.all_upheld", Decimal(0))],
                    _scope(sentence, clause, ClauseMatch(upheld, ""), phrases, own),
                )


def _growth(
    clauses: Sequence[_Clause], claims: Sequence[Claim], year: int | None, phrases: Phrases
) -> Iterator[_Found]:
    for at, clause in enumerate(clauses):
        fit = phrases.fit(phrases.growth, clause.text) if "%" in clause.text else None
        now = next((c for c in reversed(claims) if c.at < at and c.metric in _ALL[:2]), None)
        if fit is None or fit.who or now is None or at - now.at > 2:
            continue
        found, percent = fit.found, count_of(fit.found["p"])
        if percent is None or (year and found["y"] and int(found["y"]) != year - 1):
            continue
        said = found["b"] or next(
            (
                m.found["b"]
                for c in clauses[:at]
                if (m := phrases.fit(phrases.before, c.text)) and not m.who
            ),
            "",
        )
        before = count_of(said)
        sign = -1 if found["way"] in ("下降", "减少", "降低") else 1
        figures: list[tuple[str, Decimal | None]] = [
            ("growth.percent", sign * percent),
            ("growth.now", now.value),
        ]
        yield at, figures + ([("growth.before", before)] if before else []), now.scope


def _counts(clauses: Sequence[_Clause], phrases: Phrases) -> list[tuple[Decimal, str] | None]:
    """The count with which each clause ends, and its unit; None where a clause has none, more than
    one, or stands in brackets.
    """
    found: list[tuple[Decimal, str] | None] = []
    for clause in clauses:
        matches = list(phrases.count.finditer(clause.text))
        value = (
            _value(matches[0])
            if len(matches) == 1 and matches[0].end() == len(clause.text) and not clause.deep
            else None
        )
        exact = value is not None and not re.search(
            r"[约近余超_.\-~—至第]$", clause.text[: matches[0].start()]
        )
        found.append((value, matches[0]["u"]) if value is not None and exact else None)
    return found


def _shares(
    clauses: Sequence[_Clause], claims: Sequence[Claim], phrases: Phrases
) -> Iterator[_Found]:
    counts = _counts(clauses, phrases)
    for at, clause in enumerate(clauses):
        found = phrases.share.fullmatch(clause.text)
        part = counts[at - 1] if at else None
        percent = count_of(found["p"]) if found is not None else None
        if found is None or part is None or not part[0] or percent is None:
            continue
        wholes = [
            c[0] for c in counts[: at - 1] if c is not None and c[1] == part[1] and c[0] >= part[0]
        ]
        wholes.append(
            sum(
                (
                    c[0]
                    for n, c in enumerate(counts)
                    if c is not None and c[1] == part[1] and _follows_share(clauses, n, phrases)
                ),
                Decimal(0),
            )
        )
        named = [c for c in claims if c.at < at - 1 and c.metric in _ALL and c.value >= part[0]]
        if named:
            fitting = [
                w for w in wholes if w and abs(100 * part[0] / w - percent) < _step(found["p"])
            ]
            yield (
                at,
                [
                    ("share.percent", percent),
                    ("share.part", part[0]),
                    ("share.whole", (fitting or [named[-1].value])[0]),
                ],
                named[-1].scope,
            )


def _follows_share(clauses: Sequence[_Clause], at: int, phrases: Phrases) -> bool:
    return at + 1 < len(clauses) and phrases.share.fullmatch(clauses[at + 1].text) is not None


def _step(printed: str) -> Decimal:
    """One unit of the last decimal: rates are rounded by some and cut by others."""
    return Decimal(1).scaleb(-len(printed.partition(".")[2]))


def _parts(
    clauses: Sequence[_Clause], claims: Sequence[Claim], phrases: Phrases
) -> Iterator[_Found]:
    """A total and the parts that follow its 其中, in the same unit, up to the next total."""
    counts = _counts(clauses, phrases)
    by_clause = {c.at: c for c in claims}
    for begin, clause in enumerate(clauses):
        if clause.deep or not phrases.parted.match(clause.text):
            continue
        totals = [(n, c) for n, c in enumerate(counts[:begin]) if c is not None]
        parts: list[tuple[int, Decimal]] = []
        for at in range(begin, len(clauses)):
            count, claim = counts[at], by_clause.get(at)
            if (at > begin and phrases.parted.match(clauses[at].text)) or (
                claim and (claim.metric in _ALL or claim.metric.endswith(".total"))
            ):
                break
            if count is not None and totals and count[1] == totals[-1][1][1]:
                parts.append((at, count[0]))
            # a part without its unit: the list cannot be added up
            elif re.search("[0-9]$", clauses[at].text):
                parts = []
                break
            elif not (
                clauses[at].deep
                or clauses[at].text == "其中"
                or phrases.share.fullmatch(clauses[at].text)
            ):
                break
        parts = _up_to_carried(parts, totals, by_clause)
        if len(parts) < 2 or not totals:
            continue
        metrics = [by_clause[at].metric if at in by_clause else "" for at, _ in parts]
        whole = _whole(
            [(n, c[0]) for n, c in totals],
            sum((value for _, value in parts), Decimal(0)),
            by_clause,
        )
        closed = set(metrics) == _WHOLE_OF_RESULTS or (
            len(parts) == len(_OUTCOMES)
            and tuple(m.rsplit(".", 1)[-1] for m in metrics) == _OUTCOMES
        )
        owner = next(
            (by_clause[n] for n, c in reversed(totals) if n in by_clause and c[0] == whole), None
        )
        yield (
            begin,
            [
                ("parts.whole" if closed else "parts.some", whole),
                *(("parts.part", value) for _, value in parts),
            ],
            owner.scope if owner else None,
        )


def _up_to_carried(
    parts: list[tuple[int, Decimal]],
    totals: Sequence[tuple[int, tuple[Decimal, str]]],
    claims: Mapping[int, Claim],
) -> list[tuple[int, Decimal]]:
    """What was carried in or is carried forward stands behind many a list: a part of what there was
    to do, but none of what came in or was answered.
    """
    owner = next((claims[n].metric for n, _ in reversed(totals) if n in claims), None)
    values = [count[0] for _, count in totals]
    before = list(
        takewhile(
            lambda part: part[0] not in claims or claims[part[0]].metric not in _CARRIED, parts
        )
    )
    if sum(value for _, value in parts) in values or (
        owner != "requests.answered" and sum(value for _, value in before) not in values
    ):
        return parts
    return before


def _whole(
    totals: Sequence[tuple[int, Decimal]], added: Decimal, claims: Mapping[int, Claim]
) -> Decimal:
    """What the parts add to, be it one of the counts before them, two together (received, carried
    in) or their difference; else the total next to them.
    """
    values = [value for _, value in totals]
    pairs = [x for a, b in combinations(values, 2) for x in (a + b, abs(a - b))]
    if added in values or added in pairs:
        return added
    return next(
        (
            value
            for n, value in reversed(totals)
            if n in claims and (claims[n].metric in _ALL or claims[n].metric.endswith(".total"))
        ),
        values[-1],
    )
