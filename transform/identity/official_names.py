"""The official spelling of an agency's full name, so that the reports of one body have one id.

Takes a full name (`transform.identity.agency_names.complete`); gives the same body's name as the
law and its own seal write it: abbreviations written out (发改委), the government of a place that
stands for it (建湖县 is 建湖县人民政府), 管委会 as 管理委员会, tax bureaus behind 国家税务总局, and
no province or city before a place that its own name tells apart. All words are data
(`data/identity.yaml`). A name that fits nothing here is given back unchanged.

Out of scope: whether two different names are the same body because one was renamed.
"""

from functools import lru_cache

from transform.identity.agency_names import area_of
from transform.identity.divisions import Places, load_places
from transform.identity.title import OfficialWords, load_words


@lru_cache(maxsize=4096)
def official_name(full: str) -> str:
    """The official spelling of a full name."""
    words, places = load_words(), load_places()
    official = words.official
    if full in official.abbreviations:
        return official.abbreviations[full]
    name = _tax_bureau(full, official, places)
    chain = places.chain(name)
    place = "".join(chain)
    area = area_of(name[len(place) :], words) or ""
    rest = name[len(place) + len(area) :]
    rest = official.abbreviations.get(rest, rest) or _government(place + area, official)
    for short, long in official.endings.items():
        if rest.endswith(short) and not rest.endswith(long):
            rest = rest.removesuffix(short) + long
    return _distinct_place(chain, places) + area + rest


def _government(place: str, official: OfficialWords) -> str:
    """What governs a place: nothing for a text that is no place."""
    return next(
        (body for ending, body in official.governments_of.items() if place.endswith(ending)), ""
    )


def _tax_bureau(name: str, official: OfficialWords, places: Places) -> str:
    """A tax bureau in the order 国家税务总局, place, 税务局."""
    head, tail = official.tax_head, official.tax_tail
    if name.startswith(head):
        return name
    place = "".join(places.chain(name))
    return f"{head}{place}{tail}" if place and name in (place + tail, place + head + tail) else name


def _distinct_place(chain: tuple[str, ...], places: Places) -> str:
    """The places without those that the last one does not need: a county's or city's name tells it
    apart, a district's only behind its city.
    """
    if len(chain) < 2 or places.code(chain) is None or len(places.codes[chain[-1]]) > 1:
        return "".join(chain)
    return "".join(chain[-2:] if places.is_district(chain[-1]) else chain[-1:])
