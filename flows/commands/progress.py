"""Progress of long work: a bar on a terminal, nothing in a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def on_terminal() -> Iterator[Callable[[int, int], None]]:
    """A function to be told (documents done, documents to read); it draws on the error output if
    that is a terminal.
    """
    if not sys.stderr.isatty():
        yield lambda done, all_: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("reading", total=None)

    def show(done: int, all_: int) -> None:
        bar.start()  # not before there is something to show: a question may stand there until then
        bar.update(task, completed=done, total=all_)

    try:
        yield show
    finally:
        bar.stop()
