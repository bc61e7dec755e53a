"""The same question asked of CP-SAT (Google OR-tools), which enumerates every solution: what the
search is held against.
"""

from collections.abc import Sequence

from ortools.sat.python import cp_model

from transform.localize.minimal_sets import EquationBlock


def least_sets(
    block: EquationBlock,
    values: Sequence[int],
    weights: Sequence[int],
    live: Sequence[bool],
    most: int = 100_000,
) -> tuple[int, set[frozenset[int]]]:
    """The least weight, and every set of cells of that weight whose change satisfies all rules.

    Needs ortools.
    """
    model = cp_model.CpModel()
    top = 4 * max((abs(v) for v in values), default=0) + 100
    new = [
        model.new_int_var(-top if block.signed[c] else 0, top, f"y{c}") for c in range(len(values))
    ]
    changed = [model.new_bool_var(f"z{c}") for c in range(len(values))]
    for c, value in enumerate(values):
        model.add(new[c] == value).only_enforce_if(~changed[c])
        model.add(new[c] != value).only_enforce_if(changed[c])
    for r, terms in enumerate(block.terms):
        if live[r]:
            total = sum(k * new[c] for c, k in terms)
            model.add(total == 0) if block.equal[r] else model.add(total <= 0)
    weight = sum(w * z for w, z in zip(weights, changed, strict=True))
    model.minimize(weight)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if solver.solve(model) != cp_model.OPTIMAL:
        raise ValueError("CP-SAT found no solution")
    least = round(solver.objective_value)
    model.clear_objective()
    model.add(weight == least)
    found: set[frozenset[int]] = set()
    while len(found) < most and solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        chosen = frozenset(c for c in range(len(values)) if solver.value(changed[c]))
        found.add(chosen)
        model.add_bool_or([~changed[c] for c in chosen])  # this set no more
    return least, found
