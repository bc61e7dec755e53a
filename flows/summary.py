"""What a run did, counted and in words: the last thing that `nianbao run` prints, and what Prefect shows of it."""

from dataclasses import dataclass
from pathlib import Path

from flows.batch import Plan
from load.warehouse import Published, connect

MOST_NAMED = 5  # files named under one reason; the rest is counted


@dataclass(frozen=True)
class Summary:
    """Counts of one run. `warehouse` counts are of the whole file after the run, `read` of this run."""

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


def summarise(done: Published, made: Plan) -> Summary:
    """Count what the warehouse holds now."""
    with connect(done.database) as con:
        outcomes = dict(con.execute("SELECT status, count(*) FROM outcomes GROUP BY 1 ORDER BY 1").fetchall())
        reasons: dict[tuple[str, str], list[str]] = {}
        for status, reason, name, detail in con.execute(
            "SELECT status, reason, file_name, detail FROM outcomes JOIN documents USING (document_id) WHERE reason IS NOT NULL ORDER BY 1, 2, 3"
        ).fetchall():
            reasons.setdefault((status, reason), []).append(f"{name}: {detail}" if detail else name)
        (cells,) = con.execute("SELECT count(*) FROM cells").fetchone() or (0,)
        levels = dict(con.execute("SELECT level, count(*) FROM findings GROUP BY 1").fetchall())
    findings = {level: levels.get(level, 0) for level in ("error", "warning", "info")}
    return Summary(
        done.database, len(made.present), made.to_read, made.known, done.rebuilt, done.added, done.replaced, done.removed,
        outcomes, reasons, cells, findings,
    )  # fmt: skip


def in_words(summary: Summary) -> str:
    """The summary as lines for a terminal or a log."""
    s = summary
    lines = [f"read {s.read} of {s.present} documents ({s.known} known already); added {s.added}, replaced {s.replaced}, removed {s.removed}"]
    if not s.rebuilt:
        lines.append("nothing has changed: the warehouse is as it was")
    lines.append("documents: " + ", ".join(f"{n} {status}" for status, n in s.outcomes.items()))
    for (status, reason), names in s.reasons.items():
        lines.append(f"  {status}, {reason}: {len(names)}")
        lines += [f"    {name}" for name in names[:MOST_NAMED]]
        if len(names) > MOST_NAMED:
            lines.append(f"    and {len(names) - MOST_NAMED} more")
    lines.append(f"cells: {s.cells}")
    lines.append("findings: " + ", ".join(f"{n} {level}" for level, n in s.findings.items()))
    lines.append(f"warehouse: {s.database}")
    return "\n".join(lines)
