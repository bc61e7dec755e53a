"""The families of sites, and which of them a column's page belongs to.

`FAMILIES` is in the order of detection, cheap and certain marks first; the last fits every page. A
source may name its family, which then is not guessed. To add a family, write a `Family` (see
`list_plan`) and put it into the list at the place of its certainty.

The order matters where pages bear marks of two: jpage's script stands in pages that also name
`module/xxgk`, and TRS's templates in pages whose items are static.
"""

from typing import Final

from extract.crawl.sites.hanweb import JPAAS, JPAGE, TRUECMS, XXGK
from extract.crawl.sites.html_page import WebPage
from extract.crawl.sites.json_endpoints import EPOINT, GKMLPT, LABEL_8888, TRS_JSON, UCAP
from extract.crawl.sites.list_plan import Family
from extract.crawl.sites.static import STATIC, TRS, VSB

FAMILIES: Final = (
    JPAGE,
    XXGK,
    JPAAS,
    TRUECMS,
    GKMLPT,
    LABEL_8888,
    EPOINT,
    TRS_JSON,
    UCAP,
    TRS,
    VSB,
    STATIC,
)
BY_NAME: Final = {family.name: family for family in FAMILIES}


def detect(page: WebPage) -> Family:
    """The family whose marks the page bears; `static` where none does."""
    return next(family for family in FAMILIES if family.fits(page))
