"""The official spelling of an agency's full name, so that the reports of one body have one id.

Takes a full name (`transform.identity.agency_names.complete`); gives the same body's name as the
law and its own seal write it: abbreviations written out (发改委), the government of a place that
stands for it (建湖县 is 建湖县人民政府), 管委会 as 管理委员会, tax bureaus behind 国家税务总局, and
no province or city before a place that its own name tells apart. All words are data
(`data/identity.yaml`). A name that fits nothing here is given back unchanged.

Out of scope: whether two different names are the same body because one was renamed.
"""

import re
from functools import lru_cache
from typing import Final

from transform.identity.agency_names import area_of, place_of_branch
from transform.identity.divisions import Places, load_places
from transform.identity.title import IdentityWords, OfficialWords, load_words

_SCHOOL: Final = re.compile("第?([一二三四五六七八九十]{1,3})([中小])")


@lru_cache(maxsize=4096)
def official_name(full: str) -> str:
    """The official spelling of a full name."""
    words, places = load_words(), load_places()
    official = words.official
    whole = _central_name(full, words, places)
    if whole in official.bodies:
        return official.bodies[whole]
    name = _tax_bureau(whole, official, places)
    chain = places.chain(name)
    place = "".join(chain)
    area = area_of(name[len(place) :], words) or ""
    rest = name[len(place) + len(area) :]
    rest = _write_out(rest, official) or _government(place + area, official)
    distinct = _distinct_place(chain, places)
    written = distinct + area + rest
    return official.bodies.get(written, written)


def _central_name(full: str, words: IdentityWords, places: Places) -> str:
    """The name of a central body or of its branch with its head in full and without the state."""
    official = words.official
    name = full.removeprefix(official.state) or full
    if (place := place_of_branch(name, words, places)) is not None:
        kind = name.removeprefix(place)
        head, _, tail = official.branches[kind].partition("|")
        return head + place + tail
    head = next((h for h in official.heads if name.startswith(h) and name != h), "")
    return official.heads[head] + name.removeprefix(head) if head else name


def _write_out(rest: str, official: OfficialWords) -> str:
    """What stands behind the place, with abbreviations written out."""
    rest = official.abbreviations.get(rest, rest)
    if (school := _SCHOOL.fullmatch(rest)) is not None:
        return f"第{school[1]}{official.schools[school[2]]}"
    for short, long in official.endings.items():
        if rest.endswith(short) and not rest.endswith(long):
            return rest.removesuffix(short) + long
    return rest


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
    kept = chain
    if len(chain) > 1 and places.code(chain) is not None and len(places.codes[chain[-1]]) == 1:
        kept = chain[-2:] if places.is_district(chain[-1]) else chain[-1:]
    return "".join(map(places.in_full, kept))
