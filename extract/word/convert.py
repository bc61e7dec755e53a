"""Legacy Word files (.doc and .wps, .rtf, .odt) to docx: a step before the readers, taken in the
parent process.

`legacy_file(path, kind, data)` is the reader process's side: it looks at the bytes and says what
must be known of them here. `convert(files, into)` makes a docx of each and parses nothing: it
copies bytes. A reader process cannot do this: it may write no file and has too little address
space, and LibreOffice, which converts them, pays only for many documents at a time.

One LibreOffice process takes up to OFFICE_DOCUMENTS files, with a profile of its own. Files are
handed over as copies named by their hash, so no name of the outside is met. Macros are off, links
are not followed, the network is behind a proxy that does not exist; for the limits see
`extract.sandbox.program`. Between two marks, tiny documents of our own at the start and end of each
list, it is always known who failed. No first mark: LibreOffice itself does not work here. No last
mark: it hung or crashed at the first document without a result; that one is tried again alone, to
be judged by itself, and those behind it go into a new process. Both marks and no result:
LibreOffice cannot open the document.

Without LibreOffice, and for what it is known to read wrongly, a .doc goes through msdoc2docx, four
times as slow.

`read_converted` gives the document in such a docx; its `reader` says who converted it: soffice+docx
or msdoc2docx+docx. `read` has one document converted by itself: about a second, and not within a
reader process. Out of scope: Windows.
"""

import contextlib
import hashlib
import os
import re
import shutil
import struct
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from extract import limits
from extract.detect import Format, sniff
from extract.document import Document, ReadError, Reason
from extract.sandbox.confine import python_folders
from extract.sandbox.program import run
from extract.word import docx
from extract.word.ole import Container

INSTALL: Final = (
    "on Debian or Ubuntu: sudo apt-get install --no-install-recommends libreoffice-writer-nogui"
)
OFFICE, DOC2DOCX = "soffice", "msdoc2docx"  # who converted
_PROGRAMS: Final = (
    "soffice",
    "libreoffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
)
_WORTH_A_PROCESS: Final = 15  # documents; for fewer a further process costs more than it saves
_MARK: Final = b"{\\rtf1 mark\\par}"
_FIRST, _LAST = "first", "last"
_ZIP_END: Final = b"PK\x05\x06"
_CELL_MARK: Final = 7
# LibreOffice 7.4 loses what stands before a bookmark in the first paragraph of an RTF that begins
# with a table. No reader needs bookmarks.
_RTF_BOOKMARK: Final = re.compile(
    rb"\{\s*\\\*\s*\\bkmk(?:start|end)\b(?:[^{}\\]|\\'|\\u-?\d){0,200}\}"
)
_BUILD_LINE: Final = re.compile(r"^buildid=(\S+)", re.M)
_BUILD_SAID: Final = re.compile(r"LibreOffice [\d.]+ (\S+)")
# It needs no memory back for so short a life; saves a tenth of the time.
_ENVIRONMENT: Final = {
    "SAL_USE_VCLPLUGIN": "svp",
    "MALLOC_TOP_PAD_": str(16 * limits.MIB),
    "MALLOC_TRIM_THRESHOLD_": str(256 * limits.MIB),
}
_SCHEMES: Final = ("HTTP", "HTTPS", "FTP")
_SETTINGS: Final = (
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),  # very high
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "DisableActiveContent", "true"),  # known from 24.2 on
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Writer/Content/Update", "Link", "2"),  # never
    ("Office.Writer/Content/Update", "Field", "false"),
    ("Office.Writer/Content/Update", "Chart", "false"),
    ("Inet/Settings", "ooInetProxyType", "2"),  # stated here; nobody answers on port 9
    *(("Inet/Settings", f"ooInet{scheme}ProxyName", "127.0.0.1") for scheme in _SCHEMES),
    *(("Inet/Settings", f"ooInet{scheme}ProxyPort", "9") for scheme in _SCHEMES),
    ("Inet/Settings", "ooInetNoProxy", ""),
    ("Office.Recovery/AutoSave", "Enabled", "false"),
    ("Office.Recovery/RecoveryInfo", "Enabled", "false"),
    ("Office.Common/Misc", "FirstRun", "false"),
)


@dataclass(frozen=True, slots=True)
class LegacyFile:
    """A file to convert, with what its bytes say."""

    path: Path
    kind: Format
    ends_in_table: bool = False  # see `ends_in_table`; of a .doc alone


@dataclass(frozen=True, slots=True)
class Converted:
    """The docx made of a document, and who made it."""

    docx: Path
    by: str


@dataclass(frozen=True, slots=True)
class _Job:
    """One document as handed over: `source` is the copy, `result` where its docx is to lie."""

    source: Path
    result: Path
    kind: Format
    by: str


@dataclass(frozen=True, slots=True)
class _Conversion:
    """How conversions are run."""

    program: str
    seconds: float
    stop: threading.Event


@dataclass(frozen=True, slots=True)
class _OfficeRun:
    """How a process of LibreOffice ended: whether its time ran out, whether the first and the last
    mark were reached, its last words.
    """

    late: bool
    started: bool
    finished: bool
    said: str


_Done = dict[_Job, Converted | ReadError]


def find_office() -> str | None:
    """The program of LibreOffice, or None where it is not installed."""
    return next((found for found in map(shutil.which, _PROGRAMS) if found), None)


def legacy_file(path: Path, kind: Format, data: bytes) -> LegacyFile:
    """What `convert` must know of the file at `path` with the bytes `data`; this parses them."""
    return LegacyFile(path, kind, kind is Format.DOC and ends_in_table(data))


def convert(
    files: Sequence[LegacyFile],
    into: Path,
    *,
    program: str | None = None,
    processes: int = os.cpu_count() or 1,
    seconds: float = limits.OFFICE_SECONDS,
    documents: int = limits.OFFICE_DOCUMENTS,
) -> dict[Path, Converted | ReadError]:
    """For the path of each file: the docx made of it, a file in the folder `into`, or why there is
    none.

    `processes` run at once, each with up to `documents` documents and `seconds`; `program` is that
    of LibreOffice, by default the installed one, "" for none. ReadError: UNREADABLE (it is gone),
    DAMAGED (it cannot be opened), TIME_LIMIT, READER_CRASHED, TOO_LARGE, READER_MISSING (no
    LibreOffice, or it does not work). Raises OSError where `into` or the folder for temporary files
    cannot be written.
    """
    program = (find_office() or "") if program is None else program
    with tempfile.TemporaryDirectory(prefix="nianbao-") as made:
        handed = {file.path: _hand_over(file, Path(made), into, program) for file in files}
        jobs = {job.source: job for job in handed.values() if isinstance(job, _Job)}
        way = _Conversion(program, seconds, threading.Event())
        done = _in_parallel(list(jobs.values()), way, processes, documents) if jobs else {}
    return {path: done[job] if isinstance(job, _Job) else job for path, job in handed.items()}


def read(data: bytes) -> Document:
    """The document in the bytes of a doc, rtf or odt.

    Raises ReadError as `convert` and the docx reader do.
    """
    with tempfile.TemporaryDirectory(prefix="nianbao-") as folder:
        path = Path(folder, "document")
        path.write_bytes(data)
        file = legacy_file(path, sniff(data), data)
        result = convert([file], Path(folder), processes=1)[path]
        if isinstance(result, ReadError):
            raise result
        return read_converted(result.docx.read_bytes(), result.by)


def read_converted(data: bytes, by: str) -> Document:
    """The document in the docx that `by` made of it."""
    return replace(docx.read(data), reader=f"{by}+{docx.READER}")


def _hand_over(file: LegacyFile, folder: Path, into: Path, program: str) -> _Job | ReadError:
    """A copy of the file for conversion."""
    try:
        data = file.path.read_bytes()
    except OSError as error:
        return ReadError(Reason.UNREADABLE, error.strerror or str(error))
    name = hashlib.sha256(data).hexdigest()
    source = folder / f"{name}.{file.kind}"  # LibreOffice goes by the extension first
    source.write_bytes(_RTF_BOOKMARK.sub(b"", data) if file.kind is Format.RTF else data)
    without_office = file.kind is Format.DOC and (not program or file.ends_in_table)
    return _Job(source, into / f"{name}.docx", file.kind, DOC2DOCX if without_office else OFFICE)


def ends_in_table(doc: bytes) -> bool:
    """Whether the text of a .doc ends with the mark of a cell. Word always has a paragraph behind a
    table; LibreOffice writes such files where a docx has none, and reads that table as running
    text.
    """
    try:
        container = Container(doc)
        word = container.stream("worddocument")
        table = container.stream(
            "1table" if struct.unpack_from("<H", word, 10)[0] & 0x0200 else "0table"
        )
        last = struct.unpack_from("<l", word, 0x4C)[0] - 1  # ccpText: characters of the main text
        # the Clx: property lists, then the table of pieces
        at, size = struct.unpack_from("<2L", word, 0x01A2)
        clx, at = table[at : at + size], 0
        while clx[at] == 1:
            at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
        count = (struct.unpack_from("<L", clx, at + 1)[0] - 4) // 12
        places = struct.unpack_from(f"<{count + 1}L", clx, at + 5)
        piece = next(n for n in range(count) if places[n] <= last < places[n + 1])
        stands = struct.unpack_from("<L", clx, at + 5 + 4 * (count + 1) + 8 * piece + 2)[0]
        if stands & 0x40000000:  # one byte a character
            code = word[(stands & 0x3FFFFFFF) // 2 + last - places[piece]]
        else:
            (code,) = struct.unpack_from("<H", word, stands + 2 * (last - places[piece]))
        return bool(code == _CELL_MARK)
    except (ReadError, KeyError, IndexError, StopIteration, struct.error):
        return False  # broken: whoever converts it has the say


def _in_parallel(jobs: list[_Job], way: _Conversion, processes: int, documents: int) -> _Done:
    done: _Done = {}
    for_office = [job for job in jobs if job.by == OFFICE]
    if not way.program:
        missing = ReadError(Reason.READER_MISSING, f"LibreOffice is needed to read it; {INSTALL}")
        done, for_office = dict.fromkeys(for_office, missing), []
    groups = max(
        -(-len(for_office) // documents), min(processes, -(-len(for_office) // _WORTH_A_PROCESS))
    )
    with ThreadPoolExecutor(processes, thread_name_prefix="office") as threads:
        try:
            work = [
                threads.submit(_convert_by_office, for_office[n::groups], way)
                for n in range(groups)
            ]
            work += [
                threads.submit(_convert_by_doc2docx, job, way) for job in jobs if job.by == DOC2DOCX
            ]
            for future in work:
                done |= future.result()
            left = [
                job
                for job, result in done.items()
                if job.kind is Format.DOC and _is_missing(result)
            ]
            for part in threads.map(lambda job: _convert_by_doc2docx(job, way), left):
                done |= part
        finally:  # on Ctrl-C no thread waits for its time limit
            way.stop.set()
            threads.shutdown(cancel_futures=True)
    return done


def _is_missing(result: Converted | ReadError) -> bool:
    return isinstance(result, ReadError) and result.reason is Reason.READER_MISSING


def _convert_by_doc2docx(job: _Job, way: _Conversion) -> _Done:
    """One .doc by msdoc2docx, in a Python of its own: it works on files."""
    with tempfile.TemporaryDirectory(prefix="nianbao-") as made:
        out = Path(made, job.result.name)
        arguments = [sys.executable, "-m", "doc2docx", str(job.source), "-o", str(out)]
        ended = run(
            arguments,
            Path(made),
            seconds=way.seconds,
            memory=limits.READER_MEMORY_BYTES,
            stop=way.stop,
            reads=[job.source.parent, *python_folders()],
        )
        with contextlib.suppress(FileNotFoundError):
            shutil.move(out, job.result)
    if ended.late:
        return {job: ReadError(Reason.TIME_LIMIT, f"{DOC2DOCX} took more than {way.seconds:g} s")}
    if ended.status < 0:
        return {job: ReadError(Reason.READER_CRASHED, f"{DOC2DOCX} crashed on it: {ended.said}")}
    return {job: _find_result(job, DOC2DOCX, f"{DOC2DOCX} cannot read it: {ended.said}")}


def _convert_by_office(jobs: list[_Job], way: _Conversion) -> _Done:
    """A result for each job by LibreOffice.

    A process that fails costs the document that it failed at, no other.
    """
    done: _Done = {}
    waiting = deque([jobs])
    while waiting:
        group = waiting.popleft()
        ended = _run_office(group, way)
        if not ended.started:
            broken = ReadError(
                Reason.READER_MISSING,
                f"LibreOffice ({way.program}) does not work here: {ended.said}",
            )
            return done | dict.fromkeys([j for j in jobs if j not in done], broken)
        reached = len(group) if ended.finished else _count_reached(group)
        for job in group[:reached]:
            done[job] = _find_result(job, OFFICE, "LibreOffice cannot open it")
        suspect, behind = group[reached : reached + 1], group[reached + 1 :]
        if len(group) > 1:
            waiting.extend(part for part in (suspect, behind) if part)
        elif suspect:
            done[suspect[0]] = _explain_failure(ended, way)
    return done


def _count_reached(jobs: list[_Job]) -> int:
    """How many documents a process was done with that stopped before its end."""
    whole = (n for n, job in enumerate(jobs, start=1) if _is_whole(job.result))
    return max(whole, default=0)


def _explain_failure(ended: _OfficeRun, way: _Conversion) -> ReadError:
    """Why there is no result of the only document that a process was given."""
    if ended.late:
        return ReadError(Reason.TIME_LIMIT, f"LibreOffice took more than {way.seconds:g} s")
    return ReadError(Reason.READER_CRASHED, f"LibreOffice crashed on it: {ended.said}")


def _is_whole(result: Path) -> bool:
    """Whether the docx was written to its end: the process may have died within it."""
    with contextlib.suppress(OSError), result.open("rb") as file:
        file.seek(-22, os.SEEK_END)
        return file.read(4) == _ZIP_END
    return False


def _find_result(job: _Job, by: str, otherwise: str) -> Converted | ReadError:
    if not job.result.exists():
        return ReadError(Reason.DAMAGED, otherwise)
    size = job.result.stat().st_size
    if size > limits.FILE_BYTES:
        return ReadError(
            Reason.TOO_LARGE,
            (
                f"as docx it has {size / limits.MIB:.0f} MiB; the limit is "
                f"{limits.FILE_BYTES // limits.MIB} MiB"
            ),
        )
    return Converted(job.result, by)


def _run_office(jobs: list[_Job], way: _Conversion) -> _OfficeRun:
    """One process of LibreOffice over `jobs`."""
    with tempfile.TemporaryDirectory(prefix="nianbao-") as made:
        home = Path(made)
        out, user = home / "out", home / "profile" / "user"
        for folder in (out, user):
            folder.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(_make_profile(), encoding="utf-8")
        if build := _build_of(way):
            (user / "extensions").mkdir()
            (user / "extensions" / "buildid").write_text(build, encoding="utf-8")
        first, last = (home / f"{name}.rtf" for name in (_FIRST, _LAST))
        for mark in (first, last):
            mark.write_bytes(_MARK)
        arguments = [
            way.program,
            f"-env:UserInstallation={user.parent.as_uri()}",
            "--headless",
            "--norestore",
            "--nologo",
            "--nolockcheck",
            "--convert-to",
            "docx:MS Word 2007 XML",
            "--outdir",
            str(out),
            *map(str, (first, *(job.source for job in jobs), last)),
        ]
        try:
            ended = run(
                arguments,
                home,
                seconds=way.seconds,
                memory=limits.OFFICE_MEMORY_BYTES,
                stop=way.stop,
                environment=_ENVIRONMENT,
                reads=[Path(way.program).resolve().parent, *{job.source.parent for job in jobs}],
            )
        except OSError as error:
            return _OfficeRun(False, False, False, error.strerror or str(error))
        _socket_path(user.parent).unlink(missing_ok=True)
        for job in jobs:
            with contextlib.suppress(FileNotFoundError):
                shutil.move(out / f"{job.source.stem}.docx", job.result)
        started, finished = (_is_whole(out / f"{name}.docx") for name in (_FIRST, _LAST))
        return _OfficeRun(ended.late, started, finished, ended.said)


def _build_of(way: _Conversion) -> str:
    """Which build of LibreOffice this is; empty where it does not say. In the profile of another
    build, or of none, it makes parts anew and starts a second time, which takes as long again; and
    confined it cannot, for it may not remove the socket of its first start.
    """
    folder = Path(way.program).resolve().parent
    for path in (folder / "versionrc", folder.parent / "Resources" / "versionrc"):
        with contextlib.suppress(OSError):
            if found := _BUILD_LINE.search(path.read_text(encoding="utf-8", errors="replace")):
                return found[1]
    with tempfile.TemporaryDirectory(prefix="nianbao-") as home, contextlib.suppress(OSError):
        ended = run(
            [way.program, "--version"],
            Path(home),
            seconds=way.seconds,
            memory=limits.OFFICE_MEMORY_BYTES,
            stop=way.stop,
            reads=[folder],
        )
        if found := _BUILD_SAID.match(ended.said):
            return found[1]
    return ""


def _socket_path(profile: Path) -> Path:
    """The socket that a LibreOffice which was killed leaves behind; it has its name from the
    profile's address.
    """
    digest = hashlib.md5(profile.as_uri().encode("utf-16-le"), usedforsecurity=False).digest()
    return Path(
        "/tmp",  # noqa: S108
        f"OSL_PIPE_{os.getuid()}_SingleOfficeIPC_" + "".join(f"{byte:x}" for byte in digest),
    )


def _make_profile() -> str:
    items = "".join(
        (
            f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" '
            f'oor:op="fuse"><value>{value}</value></prop></item>'
        )
        for path, name, value in _SETTINGS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items '
        f'xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>\n'
    )
