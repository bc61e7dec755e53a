"""What a run did, in words: the last thing that `nianbao run` prints, and what Prefect shows of it.

`flows.steps.pipeline` counts it.

Nothing of the warehouse is imported here: Prefect keeps a flow's result until the process ends, and
with it all that the result's class can see; DuckDB objects among that would be reported as leaked.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

MOST_NAMED: Final = 5  # files named under one reason; the rest is counted


@dataclass(frozen=True)
class Summary:
    """Counts of one run.

    `warehouse` counts are of the whole file after the run, `read` of this run.
    """

    database: Path
    present: int
    read: int
    known: int
    rebuilt: bool
    added: int
    replaced: int
    removed: int
    outcomes: dict[str, int]  # status -> documents
    reasons: dict[tuple[str, str], list[str]]  # (status, reason) -> "file: detail"
    cells: int
    findings: dict[str, int]  # level -> findings
    causes: int  # behind the errors
    changed: int = 0  # documents that were new or read again
    unread: int = 0  # of these, rejected or failed
    damaged: tuple[str, ...] = ()  # files of the vault whose bytes are not what their names say


def in_words(summary: Summary) -> str:
    """The summary as lines for a terminal or a log."""
    s = summary
    lines = [
        (
            f"read {s.read} of {s.present} documents ({s.known} known already); added {s.added}, "
            f"replaced {s.replaced}, removed {s.removed}"
        )
    ]
    if not s.rebuilt:
        lines.append("nothing has changed: the warehouse is as it was")
    lines.append("documents: " + ", ".join(f"{n} {status}" for status, n in s.outcomes.items()))
    for (status, reason), names in s.reasons.items():
        lines.append(f"  {status}, {reason}: {len(names)}")
        lines += [f"    {name}" for name in names[:MOST_NAMED]]
        if len(names) > MOST_NAMED:
            lines.append(f"    and {len(names) - MOST_NAMED} more")
    lines.append(f"cells: {s.cells}")
    behind = f" ({s.causes} cause{'' if s.causes == 1 else 's'})" if s.findings.get("error") else ""
    lines.append(
        "findings: "
        + ", ".join(
            f"{n} {level}{behind if level == 'error' else ''}" for level, n in s.findings.items()
        )
    )
    lines.append(f"warehouse: {s.database}")
    return "\n".join(lines)
