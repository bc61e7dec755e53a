"""Names of agencies: is a name full, what completes a short one, which level of government and
which division it belongs to.

A full name begins with a place (上饶市…), with an area that is no division (平潭综合实验区…) or
with the state (国家…). `complete` never invents: it needs a fuller name, or a place, that the
document or its source states; else it gives None.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from transform.identity.divisions import Places, load_places
from transform.identity.title import HAN, IdentityWords, either, load_words

_LEVELS: Final = {
    "省": "province",
    "市": "city",
    "州": "city",
    "盟": "city",
    "县": "county",
    "区": "county",
    "旗": "county",
}  # of unlisted places


def complete(
    name: str, fuller: Iterable[str], place: str | None, prose: Callable[[], list[str]]
) -> str | None:
    """The full name of the agency that calls itself `name`; None where nothing says which one it
    is.

    `fuller`: other names met, such as the publisher's, the most trusted first. `place`: the place
    of the source, if known. `prose` gives the document's text and is called only if it is needed.
    """
    words, places = load_words(), load_places()
    if _is_central(name, words) or _stands_alone(name, words, places):
        return name
    name = places.with_city(name)
    chain = places.chain(name)
    if chain and (len(chain) > 1 or not places.is_district(chain[0])):
        return name
    area = None if chain else area_of(name, words)
    if (
        area
        and not area.endswith(tuple(words.agency.towns))
        and (area.endswith(tuple(words.agency.areas)) or not area.endswith("区"))
    ):
        return name
    for other in fuller:
        if is_fuller(name, other):
            return without_office(name, other)
    # towns share names; a district that is in no list is one of former days, and its own name will
    # do
    if area:
        return _in_parent(name, area, place, prose(), places) or (
            name if area.endswith("区") else None
        )
    if chain:
        return _district(name, chain[0], place, prose(), places)
    return _from_place(name, place, prose(), words, places)


def _is_central(name: str, words: IdentityWords) -> bool:
    level = words.level
    if name.endswith(tuple(level.not_central)):
        return False
    return name.startswith(tuple(level.central_prefixes)) or (
        name.endswith(tuple(level.central_suffixes))
        and not load_places().chain(name)
        and name[0] not in words.agency.short_heads
    )


def _stands_alone(name: str, words: IdentityWords, places: Places) -> bool:
    """Whether the name needs no place before it: a body's own short name (市场监管总局), a branch
    that names its place without its kind (江西银保监局), a university.
    """
    official = words.official
    if name in official.bodies or name.startswith(tuple(official.heads)):
        return True
    if place_of_branch(name, words, places) is not None:
        return True
    if places.chain(name) or _short_head(name, words) or name.endswith(tuple(official.not_alone)):
        return False
    if name.endswith(tuple(official.alone_anywhere)):
        return True
    if not any(name.startswith(stem) for stem in places.stems):
        return False
    if name.endswith(tuple(official.attached)):
        return any(university in name for university in official.alone)
    return name.endswith(tuple(official.alone))


def place_of_branch(name: str, words: IdentityWords, places: Places) -> str | None:
    """江西 of 江西银保监局; None for other names."""
    kind = next((k for k in words.official.branches if name.endswith(k)), None)
    stem = name.removesuffix(kind) if kind else ""
    return stem if stem in places.stems else None


@lru_cache(maxsize=1)
def _area_pattern() -> re.Pattern[str]:
    a = load_words().agency
    return re.compile(
        f"(?P<area>[{HAN}]{{2,12}}?(?:{either(a.areas)})|(?![{HAN}]{{0,6}}[和与及])[{HAN}]{{2,6}}?[省市县旗州盟区](?=$|[{HAN}]))"
        f"|(?P<town>[{HAN}]{{2,6}}?(?:{either(a.towns)}))(?=$|{either(a.town_rests)})"
    )


def area_of(name: str, words: IdentityWords) -> str | None:
    """The place that is in no list but that `name` begins with (平潭综合实验区…, 石塘镇…), or None
    for a short name.
    """
    if _short_head(name, words) or name.startswith(tuple(words.agency.not_short)):
        return None
    found = _area_pattern().match(name)
    if found is None or name.startswith(tuple(words.agency.bare_areas)):
        return None
    area = found["area"] or found["town"]
    return (
        None if "行政" in area or "城市" in area or "管理" in area.removesuffix("管理区") else area
    )


def _short_head(name: str, words: IdentityWords) -> str:
    """The first characters of a short name, if they stand for the place: 市 of 市民政局."""
    if name.startswith(tuple(words.agency.not_short)) or load_places().leading(name):
        return ""
    return next((head for head in words.agency.short_heads if name.startswith(head)), "")


def is_fuller(name: str, other: str) -> bool:
    """Whether `other` is a full name of the agency that calls itself `name`: its characters stand
    in it in their order.

    So 平潭综合实验区财政金融局 is fuller than 财金局, 上海市科学技术委员会 than 上海市科委, and
    淮安市洪泽区人民政府办公室 speaks for 洪泽区人民政府.
    """
    words, places = load_words(), load_places()
    other = without_office(name, other)
    chain = places.chain(other)
    begin = "".join(chain) + (area_of(other[len("".join(chain)) :], words) or "")
    if (
        not begin
        or other == name
        or (
            len(chain) == 1
            and begin == chain[0]
            and places.is_district(begin)
            and not name.startswith("区")
        )
    ):
        return False
    if other.endswith(name):
        return True
    own = "".join(places.chain(name)) or area_of(name, words) or ""
    if own and not begin.endswith(own):
        return False
    short = _ended(name.removeprefix(own or _short_head(name, words)))
    rest = _ended(other[len(begin) :])
    left = iter(rest)
    # a place alone stands for what governs it
    if not short:
        return bool(own) and rest in words.level.governments
    return short[-1:] == rest[-1:] and all(character in left for character in short)


def _ended(name: str) -> str:
    """`name` with the two ways to write a committee's end made one."""
    return (
        name.removesuffix("员会")
        if name.endswith("委员会")
        else name.removesuffix("会")
        if name.endswith("委会")
        else name
    )


def without_compiling_office(name: str) -> str:
    """The body whose office compiles a report: 人民政府 of 人民政府党政办公室, 水利局 of
    水利局办公室.
    """
    words = load_words().agency
    office = next((o for o in words.compiling_offices if name.endswith(o)), "")
    body = name.removesuffix(office)
    return body if body.endswith(tuple(words.bodies_with_offices)) else name


def without_office(name: str, other: str) -> str:
    """`other`, or the government before its office where `name` is no office."""
    offices = load_words().agency.offices
    if name.endswith(tuple(offices)):
        return other
    return next(
        (other.removesuffix(o) for o in offices if other.endswith(("政府" + o, "管委会" + o))),
        other,
    )


def _district(
    name: str, district: str, place: str | None, prose: list[str], places: Places
) -> str | None:
    """`name` behind its city.

    Many districts share a name, so the city must be stated, unless only one has such a district.
    """
    cities = places.cities(district)
    if place:
        prose = [place, *prose]
    stated: Counter[str] = Counter()
    for text in prose:
        stated.update(places.before(text, district))
    direct = _most(Counter({c: n for c, n in stated.items() if c in cities}))
    if direct:
        return direct + name
    # the prose puts it into a city that the list does not know it in: a district of former days
    if stated:
        city = _most(stated)
        return city + name if city else None
    counted = places.count(prose)
    city = _most(Counter({c: counted[c] for c in cities if counted[c]}))
    if city:
        return city + name
    return cities[0] + name if len(cities) == 1 else None


def _in_parent(
    name: str, town: str, place: str | None, prose: list[str], places: Places
) -> str | None:
    """A town's name behind its county or city, which the source or the prose must state directly
    before the town's name.
    """
    if place:
        return place + name
    stated: Counter[str] = Counter()
    for text in prose:
        stated.update(places.before(text, town))
    parent = _most(stated)
    if parent is None:
        return None
    full = parent + name
    return _district(full, parent, None, prose, places) if places.is_district(parent) else full


def _from_place(
    name: str, place: str | None, prose: list[str], words: IdentityWords, places: Places
) -> str | None:
    """A short name behind the place that it stands for: the source's, or the one of its kind that
    the prose names most.
    """
    head = _short_head(name, words)
    kinds = tuple(words.agency.short_heads.get(head, ()))
    if place:
        return place + name.removeprefix(head)
    counted = places.count(prose)
    # nothing says which kind of place, so only one may be named at all
    if not kinds and len(counted) > 1:
        return None
    found = _most(Counter({p: n for p, n in counted.items() if p.endswith(kinds or p)}))
    if not found:
        return None
    full = found + name.removeprefix(head)
    return _district(full, found, None, prose, places) if places.is_district(found) else full


def _most(counted: Counter[str]) -> str | None:
    """What was counted most often, None if two were."""
    ranked = counted.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def level_of(full: str) -> str | None:
    """Level of a full name: central, province, city, county, town or zone, with `_government` or
    `_department`; None if not known.
    """
    words, places = load_words(), load_places()
    name = _behind_central(full, words, places)
    if _is_central(name, words):
        is_council = name in ("国务院", "中华人民共和国国务院")
        return "central_government" if is_council else "central_department"
    chain = places.chain(name)
    rest = name[len("".join(chain)) :]
    bare = (a for a in sorted(words.agency.bare_areas, key=len, reverse=True) if rest.startswith(a))
    area = next(bare, None) or area_of(rest, words)
    if area:
        level = _level_of_area(area, words)
    elif chain:
        level = _level_of_code(places.code(chain) or places.codes[chain[-1]][0])
    else:
        return None
    is_government = rest.removeprefix(area or "") in words.level.governments
    return f"{level}_{'government' if is_government else 'department'}"


def _level_of_code(code: str) -> str:
    return "province" if code.endswith("0000") else "city" if code.endswith("00") else "county"


def _level_of_area(area: str, words: IdentityWords) -> str:
    if area.endswith(tuple(words.agency.towns)):
        return "town"
    return "zone" if area.endswith(tuple(words.agency.areas)) else _LEVELS[area[-1]]


def division_of(full: str) -> str | None:
    """The six-digit code of the smallest listed division that a full name begins with: of its
    county for a town, None for 平潭综合实验区.
    """
    words, places = load_words(), load_places()
    return places.code(places.chain(_behind_central(full, words, places)))


def _behind_central(full: str, words: IdentityWords, places: Places) -> str:
    """The local name behind a central prefix (国家税务总局|上饶市税务局), else the whole."""
    for prefix in words.level.central_prefixes:
        if full.startswith(prefix) and places.leading(full[len(prefix) :]):
            return full[len(prefix) :]
    return full
