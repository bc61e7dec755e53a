"""The official spelling of an agency's full name, so that the reports of one body have one id.

Takes a full name (`transform.identity.agency_names.complete`); gives the same body's name as the
law and its own seal write it: abbreviations written out (发改委), the government of a place that
stands for it (建湖县 is 建湖县人民政府), 管委会 as 管理委员会, tax bureaus behind 国家税务总局, and
no province or city before a place that its own name tells apart. All words are data
(`data/identity.yaml`). A name that fits nothing here is given back unchanged.

Bodies that took another name (卫计委, 卫健委) stay apart, each for the years of its name; a
name that was given up before the year of the report is the later one (`name_in_year`).
"""

import re
from collections.abc import Iterable
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
    place, rest = _cut(_tax_bureau(whole, official, places), words, places)
    rest = _write_out(rest, official) or _government(place, official)
    written = place + rest
    return official.bodies.get(written, written)


def name_in_year(name: str, year: int | None, stated: Iterable[str]) -> str:
    """The official name of a body under which it reports on `year`: `name`, or where that one was
    given up by then the one that came after it. Where several may have, `stated` decides: the
    names that the document gives besides.
    """
    words, places = load_words(), load_places()
    place, rest = _cut(name, words, places)
    renaming = words.official.renamed.get(rest)
    if renaming is None or not place or year is None or year <= renaming.until:
        return name
    later = [official_name(place + body) for body in renaming.names]
    given = set(map(official_name, stated))
    known = [body for body in later if body in given]
    return (known or later)[0] if known or len(later) == 1 else name


def parent_of(name: str) -> str | None:
    """The government that the body of an official name belongs to, as far as the name tells: of a
    department the one of its place, of a town its county's, of a county its city's. None for bodies
    that answer to another (气象局, schools) and where the name gives no place of the list.
    """
    words, places = load_words(), load_places()
    official = words.official
    chain = places.chain(name)
    place, rest = _cut(name, words, places)
    if not chain:
        return None
    if rest not in words.level.governments:
        own = rest.endswith(tuple(official.departments)) and not rest.endswith(
            tuple(official.of_other_lines)
        )
        return official_name(place) if own else None
    if place.endswith(chain[-1]):
        return _government_above(places.code(chain), places)
    return official_name("".join(chain))


def _government_above(code: str | None, places: Places) -> str | None:
    """The government of the place around the one with this code."""
    if code is None:
        return None
    around = [place for place in places.around(code) if place and place != places.names[code]]
    return official_name(around[-1]) if around else None


def _cut(name: str, words: IdentityWords, places: Places) -> tuple[str, str]:
    """The place at the beginning of a name, without what it does not need, and what stands behind
    it. A government before its own street (朝阳区人民政府三里屯街道办事处) is left out.
    """
    chain = places.chain(name)
    rest = name[len("".join(chain)) :]
    for government in words.official.dispatching:
        street = rest.removeprefix(government)
        if chain and street != rest and (area_of(street, words) or "").endswith("街道"):
            rest = street
    area = area_of(rest, words) or ""
    return _distinct_place(chain, places) + area, rest[len(area) :]


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
        rest = name.removeprefix(head)
        chain = places.chain(rest)
        return head + _distinct_place(chain, places) + rest[len("".join(chain)) :]
    place = "".join(places.chain(name))
    distinct = _distinct_place(places.chain(name), places)
    return (
        f"{head}{distinct}{tail}" if place and name in (place + tail, place + head + tail) else name
    )


def _distinct_place(chain: tuple[str, ...], places: Places) -> str:
    """The places without those that the last one does not need: a county's or city's name tells it
    apart, a district's only behind its city.
    """
    kept = chain
    if len(chain) > 1 and places.code(chain) is not None:
        needed = 2 if places.is_district(chain[-1]) else 1
        if places.code(chain[-needed:]) is not None:
            kept = chain[-needed:]
    return "".join(map(places.in_full, kept))
