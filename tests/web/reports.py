"""Reports for the sites: invented agencies, their reports of given years, in the formats that sites
publish.
"""

from dataclasses import replace
from functools import cache
from random import Random

from tests.build.draw import random_report
from tests.build.ofd_files import paper as ofd_paper
from tests.build.pdf_files import STYLES
from tests.build.pdf_files import paper as pdf_paper
from tests.build.prose import sections
from tests.build.registry import LAYOUTS
from tests.build.report import Report, flow

PLACES = (
    "云岭市",
    "丹霖市",
    "碧川市",
    "望舒市",
    "兰渚市",
    "明澜市",
    "梧庭市",
    "昭宁市",
    "青陌市",
    "临汐市",
    "澄野市",
    "朔安市",
    "霁川市",
    "砚溪市",
)
BUREAUS = (
    "财政局",
    "教育局",
    "民政局",
    "司法局",
    "林业局",
    "水利局",
    "商务局",
    "审计局",
    "统计局",
    "医疗保障局",
    "退役军人事务局",
    "应急管理局",
    "市场监督管理局",
    "生态环境局",
    "交通运输局",
    "农业农村局",
    "卫生健康委员会",
    "自然资源局",
    "城市管理局",
    "发展和改革委员会",
)
SUFFIXES = {"docx": "docx-raw", "xlsx": "xlsx-one-sheet", "xls": "xls-one-sheet"}
KINDS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
    "pdf": "application/pdf",
    "ofd": "application/octet-stream",
}


def agency_of(site: int, number: int) -> str:
    """The `number`-th agency of the `site`-th place; beyond the bureaus come towns' governments."""
    place = PLACES[site % len(PLACES)]
    return place + (BUREAUS[number] if number < len(BUREAUS) else f"第{number}镇人民政府")


@cache
def report_of(agency: str, year: int) -> Report:
    """The report of an agency for a year, in the edition of that year."""
    edition = "2014" if year < 2019 else "2019" if year < 2021 else "2021"
    made = random_report(sum(map(ord, agency)) * 31 + year, edition, agency=agency, mean=20.0)
    prose = tuple(sections(agency, year, made.figures, Random(f"{agency}{year}")))
    return replace(
        made, year=year, prose=prose, published_on=f"{year + 1}-01-{8 + len(agency):02d}"
    )


@cache
def file_of(agency: str, year: int, suffix: str) -> bytes:
    """The report as a file."""
    report, rng = report_of(agency, year), Random(f"{agency}{year}{suffix}")
    if suffix == "pdf":
        return pdf_paper(flow(report), next(iter(STYLES.values())), rng)
    if suffix == "ofd":
        return ofd_paper(flow(report))
    return LAYOUTS[SUFFIXES[suffix]](report, rng)


@cache
def markup_of(agency: str, year: int) -> str:
    """The report as the body of a page."""
    whole = LAYOUTS["html-clean"](report_of(agency, year), Random(f"{agency}{year}")).decode(
        "utf-8"
    )
    return whole[whole.index("<body>") + 6 : whole.index("</body>")]
