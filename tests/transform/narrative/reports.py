"""Documents with a given prose, what their sentences state, and what the rules say of them.

All sentences are made up; figures of real reports are those of `tests/build/figures.json` and of
the list of checks.
"""

from collections.abc import Sequence
from dataclasses import replace

from extract.document import Document, Paragraph
from tests.transform.rules.test_evaluate import Key, check, clean, reading
from transform.form.forms import load_forms
from transform.narrative.claims import read_statements
from transform.records import Reading

FORMS = load_forms()
TITLE = ("云岭市林业局2022年政府信息公开工作年度报告", "一、总体情况", "（二）依申请公开情况。")
REST = (
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "公开内容的时效还要加强，下一步将细化责任。",
    "六、其他需要报告的事项",
    "本年度没有收取信息处理费。",
)


def document(*lines: str, title: Sequence[str] = TITLE, rest: Sequence[str] = ()) -> Document:
    return Document(tuple(Paragraph(x) for x in (*title, *lines, *rest)), "made")


def stated(*lines: str, year: int | None = 2022) -> list[str]:
    """What the lines state, as `metric=value`, and the words of scope; headings left out."""
    rows = read_statements(document(*lines), FORMS, year)
    return [
        f"scope:{r.sentence}" if r.metric == "scope" else f"{r.metric}={r.value}"
        for r in rows
        if not r.metric.startswith(("section.", "words."))
    ]


Found = list[dict[str, object]]


Figures = dict[Key, str | None]


def report_with(
    number: int,
    *lines: str,
    figures: Figures | None = None,
    edition: str = "2021",
    rest: Sequence[str] = REST,
    **report: object,
) -> Reading:
    """A report with this prose."""
    made = reading(number, edition, dict(clean(edition)) if figures is None else figures, **report)  # type: ignore[arg-type]
    return replace(
        made,
        statements=read_statements(
            document(*lines, rest=rest), FORMS, made.report.year if made.report else None
        ),
    )


def judged(*lines: str, **report: object) -> Found:
    """Findings of statements and sections on a report with this prose."""
    return prose_findings(check([report_with(1, *lines, **report)]))  # type: ignore[arg-type]


def judged_apart(reports: Sequence[Reading]) -> list[Found]:
    """The findings on each of several reports, of as many agencies, judged together."""
    apart = [
        replace(r, report=replace(r.report, agency_id=f"机关{n}"))
        for n, r in enumerate(reports)
        if r.report is not None
    ]
    found = prose_findings(check(apart))
    return [
        [f for f in found if f["report_id"] == r.report.report_id]
        for r in apart
        if r.report is not None
    ]


def prose_findings(found: Found) -> Found:
    return [
        f for f in found if str(f["rule_id"]).startswith(("statement.", "section.", "fees.silent"))
    ]


def rules_of(found: Found) -> list[tuple[object, object]]:
    return [(f["rule_id"], f["level"]) for f in found]


def total(row: str, figures: Figures | None = None) -> int:
    """A row's total, or that of a group's rows."""
    of = clean("2021") if figures is None else figures
    return sum(
        int(str(v))
        for (t, r, c), v in of.items()
        if t == "requests" and c == "total" and (r == row or r.startswith(f"{row}."))
    )


NEW, CARRIED, RESULTS, LEFT = (
    total(r) for r in ("new", "carried_in", "result_total", "carried_out")
)
SEVEN = (
    f"全年新收政府信息公开申请{NEW}件，上年结转{CARRIED}件，共答复{RESULTS}件，"
    f"其中予以公开{total('granted')}件、部分公开{total('partial')}件、"
    f"不予公开{total('denied')}件、"
    f"无法提供{total('unable')}件、不予处理{total('not_processed')}件、"
    f"其他处理{total('other')}件，结转下年度{LEFT}件。"
)


def with_cells(**cells: str) -> Figures:
    """Clean figures but for these: `unable__not_held__total` is the row unable.not_held, column
    total.
    """
    changed: Figures = dict(clean("2021"))
    for name, text in cells.items():
        *row, col = name.split("__")
        changed["requests", ".".join(row), col] = text
    return changed


def disputes(**cells: str) -> Figures:
    """Clean figures with these in the table of disputes and nought elsewhere in it."""
    changed: Figures = {k: "0" if k[0] == "disputes" else v for k, v in clean("2021").items()}
    return changed | {
        ("disputes", "cases", name.replace("__", ".")): text for name, text in cells.items()
    }
