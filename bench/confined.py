"""What confinement costs: the same documents read by a confined process and by one that is not.

    python -m bench.confined [--documents 300] [--rounds 5]

Processor seconds, the least of some rounds, which take turns. The reader is warm: what a process
costs once is shown apart.
"""

import argparse
import hashlib
import itertools
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from extract.sandbox import handed
from extract.sandbox.confine import confine_reader
from flows.steps.read import read_document
from flows.steps.request import ReadRequest

SAMPLES: Final = Path(__file__).resolve().parents[1] / "data" / "samples"
LEGACY: Final = ".doc"


def read_all(confined: bool, documents: int) -> tuple[float, float]:
    """Processor seconds of confining, and of reading."""
    files = [path for path in sorted(SAMPLES.iterdir()) if path.suffix != LEGACY]
    known = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    for path in files:
        handed.receive(str(path), handed.open_file(str(path)))
        read_document(ReadRequest(str(path), known[path], path.stat().st_size))
    started = time.process_time()
    if confined:
        confine_reader()
    at_work = time.process_time()
    for path in itertools.islice(itertools.cycle(files), documents):
        read_document(ReadRequest(str(path), known[path], 1))
    return at_work - started, time.process_time() - at_work


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--documents", type=int, default=300)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--only", choices=("confined", "open"))
    given = options.parse_args()
    if given.only:
        print(*read_all(given.only == "confined", given.documents))
        return
    best: dict[str, tuple[float, float]] = {}
    for _ in range(given.rounds):
        for way in ("open", "confined"):
            command = [sys.executable, "-m", "bench.confined", "--only", way]
            command += ["--documents", str(given.documents)]
            environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
            said = subprocess.run(
                command, check=True, stdout=subprocess.PIPE, text=True, env=environment
            ).stdout
            once, reading = map(float, said.split())
            known = best.get(way, (once, reading))
            best[way] = (min(once, known[0]), min(reading, known[1]))
    print(f"| {given.documents} documents | once, ms | reading, s | |\n|---|---|---|---|")
    for way, (once, reading) in best.items():
        more = reading / best["open"][1] - 1
        print(f"| {way} | {once * 1000:.1f} | {reading:.2f} | {more:+.1%} |")


if __name__ == "__main__":
    main()
