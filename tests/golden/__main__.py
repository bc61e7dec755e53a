"""`python -m tests.golden`: write every golden file anew, and say which changed.

A case with a wrong value is refused.

Look at the difference (git diff tests/golden/expected) before it is kept: the files say what the
program makes of each layout.
"""

import sys

from tests.golden.cases import CASES, EXPECTED, as_text, path_of, read_case, told


def main() -> int:
    """Exit status 1 if a case reads a value that is not printed."""
    EXPECTED.mkdir(exist_ok=True)
    bad = 0
    for case in CASES.values():
        reading = read_case(case)
        wrong = reading.wrong
        if wrong:
            bad += 1
            print(
                (
                    f"{case.name}: {len(wrong)} wrong values, not written: "
                    f"{dict(list(wrong.items())[:3])}"
                ),
                file=sys.stderr,
            )
            continue
        path, text = path_of(case), as_text(told(case, reading))
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if text != before:
            path.write_text(text, encoding="utf-8")
            print(f"{case.name}: {'changed' if before else 'new'}")
    for stale in set(EXPECTED.glob("*.json")) - {path_of(c) for c in CASES.values()}:
        stale.unlink()
        print(f"{stale.stem}: removed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
