"""Figures drawn at random whose every sum holds: one report to print, or a table of cells for a
hundred thousand reports.

`random_report` gives a `Report`; `synthetic_cells` an Arrow table with the columns of table `cells`
of the warehouse. Both use `draw`, which makes whole agencies over consecutive years, so that the
rules from year to year hold as well: what is carried in was carried out the year before, and what
is in force follows from what was issued and repealed. Most cells are 0, sizes spread over four
orders of magnitude, as in real reports.

Units of the arrays: millionths (int64), which holds every amount exactly. Out of scope: layouts and
bytes.
"""

from collections.abc import Sequence
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from tests.build.prose import sections
from tests.build.report import (
    PARTS,
    STATUTORY,
    Key,
    Report,
    form_table,
    keys,
    official_tables,
    unit_of,
)

Ints = npt.NDArray[np.int64]
Figures = dict[Key, Ints]
ONE: Final = 1_000_000
YEARS: Final[dict[str, tuple[int, ...]]] = {
    "2019": (2019, 2020),
    "2021": (2021, 2022, 2023, 2024, 2025),
    "hybrid": (2023, 2024),
    "2014": (2014, 2015, 2016, 2017, 2018),
    "fj2008": (2014, 2015, 2016, 2017, 2018),
}
APPLICANTS: Final = ("natural", "business", "research", "charity", "legal_service", "other_org")
_APPLICANT_SHARE: Final = np.array([0.82, 0.12, 0.006, 0.009, 0.025, 0.02])
_SUMS: Final = (
    "new",
    "carried_in",
    "result_total",
    "carried_out",
)  # the other rows of 表三 are details
_RESULT_SHARE: Final = {
    "granted": 0.42,
    "partial": 0.06,
    "unable.not_held": 0.22,
    "denied.third_party": 0.03,
    "not_processed.petition": 0.05,
}
_SMALL_SHARE: Final = 0.012  # each of the other results
_STATISTIC_SUMS: Final = {  # parent: the first part of its children's ids
    "2014": ("c.ans.denied", "c.recv", "c.ans", "d", "e", "h.staff"),
    "fj2008": ("pub", "recv", "ans"),
}
_LEADS: Final = {
    "b.ch.press_lead": "b.ch.press",
    "b.ch.online_lead": "b.ch.online",
    "a.normative_public": "a.normative_made",
}


def draw(edition: str, agencies: int, seed: int, mean: float | None = None) -> Ints:
    """Figures of `agencies` agencies in every year of `YEARS[edition]`: agencies × years × cells in
    the order of `keys`, millionths.

    `mean` fixes about how many requests a year an agency receives; by default agencies differ
    widely, one in seven has none.
    """
    rng = np.random.default_rng(seed)
    size = rng.lognormal(1.4, 1.9, agencies).clip(max=20_000.0) * (rng.random(agencies) > 0.15)
    if mean is not None:
        size = np.full(agencies, mean)
    cells = keys(edition)
    out = np.zeros((agencies, len(YEARS[edition]), len(cells)), dtype=np.int64)
    before: Figures = {}
    for y in range(len(YEARS[edition])):
        now: Figures = {}
        for table, part in PARTS[edition].items():
            if table == "proactive":
                now |= _proactive(rng, size, part, before)
            elif table == "requests":
                now |= _requests(rng, size, edition, before)
            elif table == "disputes":
                now |= _disputes(rng, size)
            else:
                now |= _statistics(rng, size, edition, before)
        for i, key in enumerate(cells):
            out[:, y, i] = now[key]
        before = now
    return out


def _counts(rng: np.random.Generator, mean: npt.NDArray[np.float64]) -> Ints:
    return np.asarray(rng.poisson(mean) * ONE, dtype=np.int64)


def _amounts(
    rng: np.random.Generator, size: npt.NDArray[np.float64], decimals: int, scale: float
) -> Ints:
    """Amounts of money with `decimals` decimals, about half of them 0."""
    steps = 10**decimals
    drawn = (rng.lognormal(0.0, 1.5, len(size)) * size * scale * steps).astype(np.int64) * (
        rng.random(len(size)) < 0.5
    )
    return np.asarray(drawn * (ONE // steps), dtype=np.int64)


def _proactive(
    rng: np.random.Generator, size: npt.NDArray[np.float64], part: str, before: Figures
) -> Figures:
    """表二. 2021: in force = in force before + issued - repealed.

    2019: items before + change of last year = items before.
    """
    t = "proactive"
    n: Figures = {}
    for row, share in (("regulations", 0.002), ("normative", 0.2)):
        issued = _counts(rng, size * share)
        if part == "2021":
            last = before.get((t, row, "in_force"), _counts(rng, size * share * 8))
            repealed = np.minimum(_counts(rng, size * share * 0.6), last + issued)
            n |= {
                (t, row, "issued"): issued,
                (t, row, "repealed"): repealed,
                (t, row, "in_force"): last + issued - repealed,
            }
        else:
            shown = _counts(rng, size * share)
            n |= {
                (t, row, "made"): issued,
                (t, row, "disclosed"): shown,
                (t, row, "public_total"): shown + _counts(rng, size * share * 8),
            }
    decided = (
        ("licence", "penalty", "coercion")
        if part == "2021"
        else ("licence", "other_service", "penalty", "coercion")
    )
    for row in decided:
        n[t, row, "decisions"] = _counts(
            rng, size * {"licence": 40.0, "penalty": 12.0}.get(row, 0.4)
        )
    if part == "2021":
        n[t, "admin_fee", "fee_amount"] = _amounts(rng, size, 6, 8.0)
        return n
    for row in (*decided, "admin_fee"):
        items = (
            before[t, row, "prev_items"] + before[t, row, "change"]
            if before
            else _counts(rng, np.minimum(size, 90.0))
        )
        change = np.maximum(
            (rng.integers(-4, 5, len(size)) * (rng.random(len(size)) < 0.5)) * ONE, -items
        )
        n |= {(t, row, "prev_items"): items, (t, row, "change"): change}
    n[t, "procurement", "projects"] = _counts(rng, size * 0.05)
    amount = np.maximum(_amounts(rng, size, 2, 9000.0), ONE)
    n[t, "procurement", "amount"] = np.where(n[t, "procurement", "projects"] > 0, amount, 0)
    return n


def _requests(
    rng: np.random.Generator, size: npt.NDArray[np.float64], edition: str, before: Figures
) -> Figures:
    """表三: details and what is carried out are drawn, totals follow; new = results + carried out -
    carried in.
    """
    rows = [r.row_id for r in form_table("requests", edition).data_rows if r.row_id not in _SUMS]
    shares = np.array([_RESULT_SHARE.get(r, _SMALL_SHARE) for r in rows])
    details = rng.poisson(size[:, None, None] * shares[:, None] * _APPLICANT_SHARE)
    carried_out = rng.poisson(size[:, None] * 0.05 * _APPLICANT_SHARE)
    if before:
        carried_in = np.stack(
            [before["requests", "carried_out", c] // ONE for c in APPLICANTS], axis=1
        )
        details[:, rows.index("granted")] += np.maximum(
            carried_in - details.sum(axis=1) - carried_out, 0
        )
    else:
        carried_in = np.minimum(
            rng.poisson(size[:, None] * 0.05 * _APPLICANT_SHARE), details.sum(axis=1) + carried_out
        )
    total = details.sum(axis=1)
    by_row = {row: details[:, i] for i, row in enumerate(rows)}
    by_row |= {
        "new": total + carried_out - carried_in,
        "carried_in": carried_in,
        "result_total": total,
        "carried_out": carried_out,
    }
    n: Figures = {}
    for row, figures in by_row.items():
        n |= {("requests", row, c): figures[:, i] * ONE for i, c in enumerate(APPLICANTS)}
        n["requests", row, "total"] = figures.sum(axis=1) * ONE
    return n


def _disputes(rng: np.random.Generator, size: npt.NDArray[np.float64]) -> Figures:
    """表四: three groups of four outcomes and their total."""
    n: Figures = {}
    for group, share in (("review", 0.03), ("direct", 0.01), ("after_review", 0.006)):
        total: Ints = np.zeros(len(size), dtype=np.int64)
        for outcome, part in (
            ("upheld", 0.6),
            ("corrected", 0.15),
            ("other", 0.15),
            ("pending", 0.1),
        ):
            n["disputes", "cases", f"{group}.{outcome}"] = _counts(rng, size * share * part)
            total = total + n["disputes", "cases", f"{group}.{outcome}"]
        n["disputes", "cases", f"{group}.total"] = total
    return n


def _statistics(
    rng: np.random.Generator, size: npt.NDArray[np.float64], edition: str, before: Figures
) -> Figures:
    """The annexes before 2019: leaves drawn, sums made of their direct children, cumulative columns
    running on.
    """
    t = "statistics"
    rows = [r.row_id for r in form_table(t, edition).data_rows]
    by_row = {
        row: _counts(rng, size * (4.0 if row.startswith(("a.", "pub")) else 0.15)) for row in rows
    }
    for parent in _STATISTIC_SUMS[edition]:
        parts = [r for r in rows if r.rpartition(".")[0] == parent]
        by_row[parent] = np.sum([by_row[r] for r in parts], axis=0)
    if edition == "fj2008":
        n: Figures = {(t, row, "year"): v for row, v in by_row.items()}
        n |= {
            (t, row, "cumulative"): v + before.get((t, row, "cumulative"), by_row[row] * 3)
            for row, v in by_row.items()
        }
        return n
    by_row["c.done"] = by_row["c.ans"]
    by_row["c.done.extended"] = by_row["c.done"] // ONE // 10 * ONE
    by_row["c.done.ontime"] = by_row["c.done"] - by_row["c.done.extended"]
    channels = [by_row[r] for r in rows if r.startswith("a.ch.")]
    by_row["a.total"] = np.max(channels, axis=0)
    for part, whole in _LEADS.items():
        by_row[part] = np.minimum(by_row[part], by_row[whole])
    for money in ("g", "h.budget"):
        by_row[money] = _amounts(rng, size, 2, 0.2)
    return {(t, row, "value"): v for row, v in by_row.items()}


# ---- one report


def printed(millionths: int, unit: str = "") -> str:
    """A figure as a report prints it, without needless zeros; `unit` is added to a figure that is
    not 0.
    """
    if millionths == 0:
        return "0"
    whole, part = divmod(abs(millionths), ONE)
    text = f"{whole}.{part:06d}".rstrip("0").rstrip(".") if part else str(whole)
    return ("-" if millionths < 0 else "") + text + unit


def _cell_unit(key: Key) -> str:
    """The unit that reports type into the cell for which the form of 2019 prints none."""
    return "元" if key[1:] == ("procurement", "amount") else ""


def random_report(
    seed: int,
    edition: str = "2021",
    agency: str = "云岭市林业局",
    mean: float | None = None,
    fees: bool = False,
) -> Report:
    """A report whose sums all hold, the same for the same arguments.

    No cell is blank; `dress` makes it untidy.

    `mean` is about the number of requests; without it the size is drawn too. `fees` adds the
    optional table. The agency is invented.
    """
    years = YEARS[edition]
    rng = Random(seed)
    year = rng.randrange(len(years))
    figures = draw(edition, 1, seed, mean)[0, year]
    cells = {
        key: printed(int(v), _cell_unit(key)) for key, v in zip(keys(edition), figures, strict=True)
    }
    prose = sections(agency, years[year], cells, rng)
    if fees:
        notices = rng.randint(1, 9)
        cells |= {
            ("fees", "fees", c): str(v)
            for c, v in (
                ("notices", notices),
                ("billed", notices * 100),
                ("collected", notices * 40),
            )
        }
    return Report(
        agency,
        years[year],
        edition,
        cells,
        prose,
        published_on=f"{years[year] + 1}-01-{rng.randint(8, 31):02d}",
    )


# ---- a corpus of cells


def _dictionary(
    codes: npt.NDArray[np.int32] | npt.NDArray[np.int64], words: Sequence[str | None]
) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(words, pa.string()))


def _decimals(values: Ints, missing: npt.NDArray[np.bool_]) -> pa.Array:
    """Millionths as decimal128(24, 6), without a Python object for each."""
    raw = np.empty((len(values), 2), dtype=np.int64)
    raw[:, 0] = values
    raw[:, 1] = values >> 63
    valid = pa.array(~missing).buffers()[1] if missing.any() else None
    return pa.Array.from_buffers(pa.decimal128(24, 6), len(values), [valid, pa.py_buffer(raw)])


def synthetic_cells(
    n: int, seed: int, edition: str = "2021", wrong: float = 0.0, blank: float = 0.0
) -> pa.Table:
    """Cells of `n` reports with the columns of table `cells`; text columns are dictionary-encoded.

    `wrong` is the share of reports in which one count is off by 1 to 9, `blank` the share of cells
    whose 0 is left blank. Agencies are called synthetic-000000 and so on, one after the other with
    all years of the edition.
    """
    if edition not in STATUTORY:
        raise ValueError(
            f"no synthetic cells of edition {edition}: give one of {', '.join(STATUTORY)}"
        )
    cells, years = keys(edition), YEARS[edition]
    agencies = -(-n // len(years))
    values = draw(edition, agencies, seed).reshape(-1, len(cells))[:n]
    rng = np.random.default_rng(seed + 1)
    off = np.flatnonzero(rng.random(n) < wrong)
    counts = np.flatnonzero([k[0] != "proactive" for k in cells])
    values[off, rng.choice(counts, len(off))] += rng.integers(1, 10, len(off)) * ONE
    flat = values.reshape(-1)
    missing = (flat == 0) & (rng.random(flat.size, dtype=np.float32) < blank)

    def a_report(column: Sequence[int]) -> npt.NDArray[np.int32]:
        return np.tile(np.array(column, dtype=np.int32), n)

    def a_cell(column: Ints) -> npt.NDArray[np.int32]:
        return np.repeat(column.astype(np.int32), len(cells))

    words = {part: sorted({k[i] for k in cells}) for i, part in enumerate(("table", "row", "col"))}
    parts = sorted(set(PARTS[edition].values()))
    units = sorted({unit_of(k, edition) or _cell_unit(k) for k in cells})
    where = _places(edition, cells)
    report = np.arange(n, dtype=np.int64)
    names = [f"synthetic-{i:06d}" for i in range(agencies)]
    codes, found = pd.factorize(flat)
    money = np.array([bool(_cell_unit(k)) for k in cells])
    texts = [printed(int(v)) for v in found]
    codes = codes.astype(np.int32)
    if money.any():  # the same figure with its unit is another text
        codes.reshape(n, -1)[:, money] += len(texts)
        texts += [printed(int(v), "元") for v in found]
    codes[missing] = len(texts)
    return pa.table(
        {
            "report_id": _dictionary(
                a_cell(report),
                [f"{names[i // len(years)]}-{years[i % len(years)]}" for i in range(n)],
            ),
            "table_id": _dictionary(
                a_report([words["table"].index(k[0]) for k in cells]), words["table"]
            ),
            "row_id": _dictionary(
                a_report([words["row"].index(k[1]) for k in cells]), words["row"]
            ),
            "col_id": _dictionary(
                a_report([words["col"].index(k[2]) for k in cells]), words["col"]
            ),
            "agency_id": _dictionary(a_cell(report // len(years)), names),
            "year": a_cell(np.array(years, dtype=np.int64)[report % len(years)]),
            "edition": _dictionary(
                a_report([parts.index(PARTS[edition][k[0]]) for k in cells]), parts
            ),
            "value": _decimals(flat, missing),
            "state": _dictionary(
                np.where(missing, 2, (flat != 0).astype(np.int32)).astype(np.int32),
                ["zero", "number", "blank"],
            ),
            "raw_text": _dictionary(codes, [*texts, ""]),
            "unit": _dictionary(
                a_report([units.index(unit_of(k, edition) or _cell_unit(k)) for k in cells]), units
            ),
            "page": pa.nulls(flat.size, pa.int32()),
            "grid": a_report([w[0] for w in where]),
            "grid_row": a_report([w[1] for w in where]),
            "grid_col": a_report([w[2] for w in where]),
            "bbox": pa.nulls(flat.size, pa.string()),
            "reader": _dictionary(np.zeros(flat.size, dtype=np.int32), ["synthetic"]),
            "confidence": np.ones(flat.size),
        }
    )


def _places(edition: str, cells: Sequence[Key]) -> list[tuple[int, int, int]]:
    """Grid, row and column of each cell in the official layout."""
    tables = official_tables(Report("", YEARS[edition][0], edition, dict.fromkeys(cells, "0")))
    at = {
        a.key: (g, a.row, a.col)
        for g, t in enumerate(tables)
        for a in t.anchors
        if a.key is not None
    }
    return [at[k] for k in cells]
