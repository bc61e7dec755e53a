"""Web pages printed to PDF by Chromium, as an agency prints a report from its site: one browser for
many pages.

`browser(folder)` starts it with a profile of its own and without any network, and gives a
`Browser`, whose `print_page` takes a page's bytes and the options of `Page.printToPDF` (landscape,
scale, displayHeaderFooter, paperWidth …). Commands go over two pipes as JSON that ends with a zero
byte. The same page gives the same PDF, but for dates.
"""

import base64
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

_PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--proxy-server=127.0.0.1:9",
)
_A4: Final = {
    "paperWidth": 8.27,
    "paperHeight": 11.69,
    "printBackground": True,
    "preferCSSPageSize": True,
}


def find_chromium() -> str | None:
    """The program of Chromium, or None where it is not installed."""
    return next((found for found in map(shutil.which, _PROGRAMS) if found), None)


class Browser:
    """A running Chromium with one page open."""

    def __init__(self, folder: Path, to_browser: int, from_browser: int) -> None:
        self.folder, self.out, self.in_ = folder, to_browser, from_browser
        self.sent, self.rest, self.session = 0, b"", ""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")

    def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send one command and wait for its answer; events in between are dropped.

        Raises RuntimeError for what it refuses.
        """
        self.sent += 1
        message: dict[str, object] = {"id": self.sent, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        waiting = json.dumps(message).encode() + b"\0"
        while waiting:
            waiting = waiting[os.write(self.out, waiting) :]
        while True:
            answer = self._next()
            if answer.get("id") == self.sent:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer["result"])

    def _next(self) -> dict[str, Any]:
        parts = [self.rest]
        while b"\0" not in parts[-1]:
            part = os.read(self.in_, 1 << 20)
            if not part:
                raise RuntimeError("Chromium has ended")
            parts.append(part)
        message, _, self.rest = b"".join(parts).partition(b"\0")
        return dict(json.loads(message))

    def print_page(self, page: bytes, **options: object) -> bytes:
        """The page as PDF, on A4 unless the options or its own style say otherwise."""
        file = self.folder / "page.html"
        file.write_bytes(page)
        self.ask("Page.navigate", url=file.as_uri())
        while self._next().get("method") != "Page.loadEventFired":
            pass
        return base64.b64decode(self.ask("Page.printToPDF", **{**_A4, **options})["data"])


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are neither file 3 nor 4."""
    ends = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A Chromium whose files lie in `folder`; it ends with the `with`.

    Raises FileNotFoundError where there is none.
    """
    program = find_chromium()
    if program is None:
        raise FileNotFoundError("chromium is not installed")
    (read_commands, write_commands), (read_answers, write_answers) = _pipe(), _pipe()
    # it reads file 3 and writes file 4; a shell renames them, for Popen cannot
    arguments = [
        "bash",
        "-c",
        f'exec 3<&{read_commands} 4>&{write_answers}; exec "$@"',
        "bash",
        program,
        *_OPTIONS,
    ]
    arguments += [f"--user-data-dir={folder / 'profile'}", "--remote-debugging-pipe", "about:blank"]
    process = subprocess.Popen(
        arguments,
        pass_fds=(read_commands, write_answers),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(read_commands)
    os.close(write_answers)
    try:
        yield Browser(folder, write_commands, read_answers)
    finally:
        os.close(write_commands)  # then it ends by itself
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
        os.close(read_answers)
