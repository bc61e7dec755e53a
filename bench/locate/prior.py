"""Makes data/prior.yaml: how large each row and column is beside the number of requests, from clean
simulated reports.

python -m bench.locate.prior [--reports 4000] [--seed 11]
"""

import argparse
from collections import defaultdict

import numpy as np

from bench.locate.simulate import (
    APPLICANTS,
    COLUMNS,
    GROUPS,
    OUTCOMES,
    ROWS,
    USUAL,
    Report,
    clean,
    clean_disputes,
)

HEAD = """# How large each row and column of a table is, as a share of the agency's size: what tells
# explanations apart that the sums cannot.
# A cell is expected to hold size x row x column; `variation` says how much agencies differ
# (a negative binomial; smaller: more).
# `size` lists what tells the size, cells or sums of cells: the middle one is taken.
# Origin: {reports} simulated reports without faults (`python -m bench.locate.prior`), not a count
# of real ones. The simulator's frequencies are assumed. Only the ranking of candidates depends on
# this file, never a value and never whether a sum fails.
tables:
"""


def middle(reports: list[Report]) -> tuple[dict[str, float], dict[str, float]]:
    """The share of each row in all requests and of each column in its row: averages over reports,
    so that the few large ones do not decide.
    """
    rows: dict[str, list[float]] = defaultdict(list)
    columns: dict[str, list[float]] = defaultdict(list)
    for r in reports:
        if r["new", "total"] >= 5:
            for row in ROWS:
                rows[row].append(r[row, "total"] / r["new", "total"])
            for c in COLUMNS:
                columns[c].append(r["new", c] / r["new", "total"])
    return {k: float(np.mean(v)) for k, v in rows.items()}, {
        k: float(np.mean(v)) for k, v in columns.items()
    }


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--reports", type=int, default=4000)
    options.add_argument("--seed", type=int, default=11)
    given = options.parse_args()
    rng = np.random.default_rng(given.seed)
    reports = [clean(rng, USUAL) for _ in range(given.reports)]
    rows, columns = middle(reports)
    # one row in the edition of 2019
    rows["other"] = sum(share for row, share in rows.items() if row.startswith("other."))
    print(HEAD.format(reports=given.reports), end="")
    print("  requests:")
    told = [
        "new|total",
        "result_total|total",
        *("+".join(f"{row}|{c}" for c in APPLICANTS) for row in ("new", "result_total")),
    ]
    print("    size: [" + ", ".join(f'"{t}"' for t in told) + "]")
    print("    variation: 0.8")
    for name, part in (("rows", rows), ("columns", columns)):
        print(f"    {name}:")
        for key, share in part.items():
            print(f"      {key}: {share:.4f}")
    groups = [clean_disputes(rng, USUAL) for _ in range(given.reports)]
    print("  disputes:")
    totals = [f'"cases|{g}.total"' for g in GROUPS]
    print(
        "    size: ["
        + ", ".join(
            [*totals, *('"' + "+".join(f"cases|{g}.{o}" for o in OUTCOMES) + '"' for g in GROUPS)]
        )
        + "]"
    )
    print("    variation: 1.0\n    rows:\n      cases: 1.0\n    columns:")
    for g in GROUPS:
        whole = sum(r["cases", f"{g}.total"] for r in groups)
        for o in (*OUTCOMES, "total"):
            print(f"      {g}.{o}: {sum(r['cases', f'{g}.{o}'] for r in groups) / whole:.4f}")


if __name__ == "__main__":
    main()
