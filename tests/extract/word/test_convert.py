"""Legacy Word files: the same cells as in the docx that they were made of, and LibreOffice kept in
its place whatever it is given.

The files are written by LibreOffice itself. Left out is the layout "docx-controls": LibreOffice
garbles the cells of a docx that stand in content controls, so what it writes of them is another
report. Where it is not installed these tests are skipped.
"""

import contextlib
import hashlib
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest

from extract.detect import Format, sniff
from extract.document import Document, Grid, ReadError, Reason
from extract.limits import OFFICE_DOCUMENTS
from extract.registry import CONVERTED
from extract.sandbox.program import Ended
from extract.word import docx as docx_reader
from extract.word.convert import (
    Converted,
    LegacyFile,
    _socket_path,
    convert,
    ends_in_table,
    legacy_file,
    read,
    read_converted,
)
from tests.build.draw import random_report
from tests.build.office import office_or_skip, save_as
from tests.build.registry import LAYOUTS, build, edition_fits
from tests.build.report import EDITIONS
from tests.conftest import FillOnce, more_at_night
from transform.form.forms import load_forms
from transform.identity.identify import identify
from transform.tidy import tidy

Cells = tuple[object, ...]


def convert_paths(
    paths: Sequence[Path], into: Path, **more: Any
) -> dict[Path, Converted | ReadError]:
    """What a reader process and then its parent do: what the first refuses is not converted."""
    files = []
    for path in paths:
        data = path.read_bytes()
        with contextlib.suppress(ReadError):
            files.append(legacy_file(path, sniff(data), data))
    return convert(files, into, **more)


@pytest.fixture(scope="session")
def office() -> str:
    return office_or_skip()


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Reports of every edition in every Word layout, by name; at night more than a hundred."""
    made: dict[str, bytes] = {}
    for name, layout in LAYOUTS.items():
        if layout.suffix != ".docx" or name == "docx-controls":
            continue
        for edition in EDITIONS:
            if edition_fits(name, edition):
                several = 1 if edition in ("2014", "fj2008") else more_at_night(day=1, night=2)
                for seed in (len(made), len(made) + 1000)[:several]:
                    made[f"{len(made):03d}-{edition}-{name}"] = build(
                        random_report(seed, edition, mean=30.0), name
                    ).data
    return made


@pytest.fixture(scope="session")
def sources(reports: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("reports")
    paths = []
    for name, data in reports.items():
        paths.append(folder / f"{name}.docx")
        paths[-1].write_bytes(data)
    return paths


@pytest.fixture(scope="session")
def legacy(office: str, sources: list[Path], fill_once: FillOnce) -> dict[str, dict[str, Path]]:
    """The reports as files of each kind, by kind and name: all of them as .doc, one in four as
    .rtf and .odt.
    """
    chosen = {"doc": sources, "rtf": sources[::4], "odt": sources[::4]}

    def fill(folder: Path) -> None:
        for kind, paths in chosen.items():
            save_as(kind, paths, folder, office)

    folder = fill_once("legacy", fill)
    return {
        kind: {path.stem: folder / kind / f"{path.stem}.{kind}" for path in paths}
        for kind, paths in chosen.items()
    }


@pytest.fixture
def few(legacy: dict[str, dict[str, Path]], tmp_path: Path) -> list[Path]:
    """Four .doc files, for one test alone."""
    return [Path(shutil.copy(path, tmp_path)) for path in list(legacy["doc"].values())[10:14]]


def meaning(document: Document) -> tuple[Cells, Cells]:
    """What matters of a report: agency, year and title, and each cell with its text."""
    identity = identify(document)
    tidied = tidy(document, load_forms(), identity.year)
    cells = tuple(
        (c.table_id, c.row_id, c.col_id, c.value, c.state, c.unit, c.raw_text) for c in tidied.cells
    )
    return (identity.agency_name, identity.year, identity.title, identity.published_on), (
        tidied.status,
        *cells,
    )


def converted(result: Converted | ReadError) -> Document:
    assert isinstance(result, Converted), result
    return read_converted(result.docx.read_bytes(), result.by)


def office_processes(folder: Path) -> set[str]:
    """Processes of LibreOffice whose profile lies in `folder`."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes()
        except OSError:
            continue
        if b"UserInstallation=" + os.fsencode(folder.as_uri()) in line:
            found.add(f"{entry.parent.name}: {line[:200]!r}")
    return found


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files.

    Whatever happened in the test, no process of ours is left, and no folder.
    """
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    assert office_processes(folder) == set()
    assert list(folder.iterdir()) == []


def until(reached: Callable[[], bool], seconds: float = 40) -> bool:
    """Wait for it; whether it came."""
    deadline = time.monotonic() + seconds
    while not reached() and time.monotonic() < deadline:
        time.sleep(0.1)
    return reached()


@contextlib.contextmanager
def opened(office: str, profile: Path, *files: Path) -> Iterator[Path]:
    """LibreOffice as one starts it by hand, with files open; killed at the end.

    Gives where its socket is.
    """
    folder = profile.with_name("by-hand")
    folder.mkdir()
    command = [
        office,
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--norestore",
        *map(str, files),
    ]
    process = subprocess.Popen(
        command, env=os.environ | {"TMPDIR": str(folder)}, start_new_session=True
    )
    try:
        yield _socket_path(profile)
    finally:
        os.killpg(process.pid, 9)
        process.wait()
        _socket_path(profile).unlink(missing_ok=True)


# ---- exactness


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["doc", "rtf", "odt"])
def test_a_legacy_file_has_the_cells_of_the_docx(
    kind: str, reports: dict[str, bytes], legacy: dict[str, dict[str, Path]], tmp_path: Path
) -> None:
    files = legacy[kind]
    assert all(sniff(path.read_bytes()) == kind for path in files.values())
    results = convert_paths(list(files.values()), tmp_path)
    assert (
        len(results) == len(files) > more_at_night(day=60, night=100) / (1 if kind == "doc" else 4)
    )
    different = [
        name
        for name, path in files.items()
        if meaning(converted(results[path])) != meaning(docx_reader.read(reports[name]))
    ]
    assert different == []


@pytest.mark.slow
def test_without_libreoffice_a_doc_has_the_same_cells(
    reports: dict[str, bytes], legacy: dict[str, dict[str, Path]], tmp_path: Path
) -> None:
    files = dict(list(legacy["doc"].items())[::8])
    results = convert_paths(list(files.values()), tmp_path, program="")
    for name, path in files.items():
        document = converted(results[path])
        assert document.reader == "msdoc2docx+docx"
        assert meaning(document)[1] == meaning(docx_reader.read(reports[name]))[1], name


def small_docx(*, end: bool = True) -> bytes:
    """A table, with or without a paragraph behind it."""
    document = docx.Document()
    document.add_paragraph("before")
    table = document.add_table(2, 3)
    for n, cell in enumerate(table._cells):
        cell.text = str(n + 10)
    if end:
        document.add_paragraph("behind")
    out = BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize("end", [True, False])
def test_a_table_at_the_very_end_is_a_table(end: bool, office: str, tmp_path: Path) -> None:
    """Such a .doc is written by LibreOffice alone, and LibreOffice reads the table as one
    paragraph.
    """
    source = tmp_path / "a.docx"
    source.write_bytes(small_docx(end=end))
    data = save_as("doc", [source], tmp_path, office)["a"].read_bytes()
    assert ends_in_table(data) is not end
    document = read(data)
    (grid,) = document.grids
    assert [c.text for c in grid.cells] == ["10", "11", "12", "13", "14", "15"]
    assert document.reader == ("soffice+docx" if end else "msdoc2docx+docx")


def test_text_before_a_bookmark_is_kept(office: str) -> None:
    """Word leaves the bookmark _GoBack at the place of the last change, in the midst of a word or
    number.
    """
    marks = r"{\*\bkmkstart _GoBack}{\*\bkmkend _GoBack}"
    row = r"\trowd\cellx2000\cellx4000\pard\intbl 12" + marks + r"34\cell 5" + marks + r"6\cell\row"
    document = read((r"{\rtf1\ansi " + row + row + r"\pard end\par}").encode())
    assert [c.text for c in document.grids[0].cells] == ["1234", "56", "1234", "56"]


def test_chinese_of_an_rtf(office: str) -> None:
    """Text as Word writes it, in the code page of the font, and as WPS does, by code point."""
    text = "".join(f"\\'{b:02x}" for b in "总计".encode("gbk"))
    points = "".join(f"\\u{ord(c) if ord(c) < 32768 else ord(c) - 65536}?" for c in "总计")
    document = read(
        (
            r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fcharset134 SimSun;}}\f0 "
            + text
            + r"\par "
            + points
            + r"\par}"
        ).encode()
    )
    assert [p.text for p in document.paragraphs] == ["总计", "总计"]


# ---- what is taken, what is left to others


def test_other_files_are_left_alone(office: str, tmp_path: Path) -> None:
    files = {
        "a.doc": b"<html><table><tr><td>1</td></tr></table></html>",
        "b.doc": small_docx(),
        "c.rtf": b"text",
        "d.doc": b"PK\x03\x04cut",
        "e.doc": b"",
    }
    for name, data in files.items():
        try:
            assert sniff(data) not in CONVERTED, name
        except ReadError:
            continue  # nobody converts it then
    gone = LegacyFile(tmp_path / "absent.doc", Format.DOC)
    result = convert([gone], tmp_path)[gone.path]
    assert isinstance(result, ReadError) and result.reason is Reason.UNREADABLE


def word_document(data: bytes) -> int:
    """Where the stream of that name begins: on a sector, with its mark."""
    return next(at for at in range(0, len(data), 512) if data.startswith(b"\xec\xa5", at))


def test_a_password_is_seen_before(few: list[Path], tmp_path: Path) -> None:
    data = bytearray(few[0].read_bytes())
    at = word_document(bytes(data))
    flags = struct.unpack_from("<H", data, at + 10)[0]
    struct.pack_into("<H", data, at + 10, flags | 0x0100)
    with pytest.raises(ReadError) as caught:
        sniff(bytes(data))
    assert caught.value.reason is Reason.ENCRYPTED


def test_names_do_not_matter_and_equal_files_are_converted_once(
    few: list[Path], tmp_path: Path
) -> None:
    hostile = tmp_path / "--convert-to\n'$(x)'%s.rtf"
    hostile.write_bytes(few[0].read_bytes())
    results = convert_paths([hostile, few[0]], tmp_path)
    assert results[hostile] == results[few[0]]
    assert converted(results[hostile]).grids


def test_a_missing_libreoffice_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(rb"{\rtf1 a\par}")
    result = convert_paths([path], tmp_path, program="")[path]
    assert isinstance(result, ReadError)
    assert result.reason is Reason.READER_MISSING and "libreoffice-writer-nogui" in result.detail


def test_a_damaged_file_costs_itself_only(few: list[Path], tmp_path: Path) -> None:
    """The Word document's header is kept, so that it is one for `sniff`; the text and its tables
    are zeros.
    """
    data = few[2].read_bytes()
    at = word_document(data) + 0x200
    few[2].write_bytes(data[:at] + bytes(len(data) - at))
    results = convert_paths(few, tmp_path)
    assert all(converted(results[path]).grids for path in few if path != few[2])
    damaged = results.get(few[2])
    assert damaged is None or isinstance(damaged, ReadError) or not converted(damaged).grids


# ---- a LibreOffice that misbehaves: the real one behind a script that meets certain documents


def pretender(tmp_path: Path, office: str, does: str, at: Path) -> str:
    """A program that is LibreOffice until it comes to the document `at`, and then does what `does`
    says.
    """
    script = tmp_path / "pretender"
    name = hashlib.sha256(at.read_bytes()).hexdigest()
    script.write_text(
        f"""#!/bin/bash
options=(); files=()
for a in "$@"; do case "$a" in /*.doc|/*.rtf|/*.odt) files+=("$a");; *) options+=("$a");; esac; done
good=(); for f in "${{files[@]}}"; do
    case "$f" in *{name}*) bad=1; break;; *) good+=("$f");; esac
done
{office} "${{options[@]}}" "${{good[@]}}"
if [ -n "$bad" ]; then {does}; fi
""",
        encoding="utf-8",
    )
    script.chmod(0o755)
    return str(script)


def test_a_document_that_hangs_it(few: list[Path], office: str, tmp_path: Path) -> None:
    program = pretender(tmp_path, office, "sleep 1000 & sleep 1000", few[3])
    started = time.monotonic()
    results = convert_paths(few, tmp_path, program=program, processes=1, seconds=15)
    assert time.monotonic() - started < 60
    result = results[few[3]]
    assert isinstance(result, ReadError) and result.reason is Reason.TIME_LIMIT
    assert all(converted(results[path]).grids for path in few if path != few[3])


def test_a_document_that_crashes_it(few: list[Path], office: str, tmp_path: Path) -> None:
    program = pretender(tmp_path, office, "kill -SEGV $$", few[0])
    results = convert_paths(few, tmp_path, program=program, processes=1)
    result = results[few[0]]
    assert isinstance(result, ReadError) and result.reason is Reason.READER_CRASHED
    assert all(converted(results[path]).grids for path in few if path != few[0])


@pytest.mark.parametrize(
    "does", ["exit 1", "echo no fonts could be found; exit 77", "kill -KILL $$", None]
)
def test_a_libreoffice_that_does_not_work_is_not_the_documents_fault(
    does: str | None, few: list[Path], tmp_path: Path
) -> None:
    """A .doc has another reader then; the others are known and cannot be read here."""
    program, text = tmp_path / "broken", tmp_path / "a.rtf"
    text.write_bytes(rb"{\rtf1 a\par}")
    if does is not None:
        program.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        program.chmod(0o755)
    results = convert_paths([few[0], text], tmp_path, program=str(program))
    assert converted(results[few[0]]).reader == "msdoc2docx+docx"
    missing = results[text]
    assert (
        isinstance(missing, ReadError)
        and missing.reason is Reason.READER_MISSING
        and "does not work here" in missing.detail
    )


@pytest.mark.slow
def test_several_at_once(legacy: dict[str, dict[str, Path]], tmp_path: Path) -> None:
    """As many processes of LibreOffice, each with a profile of its own."""

    def one(path: Path) -> Document:
        return converted(convert_paths([path], tmp_path, processes=1)[path])

    several = more_at_night(day=4, night=8)
    files = [Path(shutil.copy(path, tmp_path)) for path in list(legacy["doc"].values())[:several]]
    with ThreadPoolExecutor(several) as threads:
        assert all(document.grids for document in threads.map(one, files))


def test_ctrl_c_leaves_nothing(few: list[Path], office: str, tmp_path: Path) -> None:
    """A process that is told to stop while LibreOffice hangs ends at once."""
    program = pretender(tmp_path, office, "sleep 1000", few[0])
    code = (
        "from pathlib import Path; from extract.detect import Format; "
        "from extract.word.convert import LegacyFile, convert; "
        f"convert([LegacyFile(Path({str(few[0])!r}), Format.DOC)], Path({str(tmp_path)!r}), "
        f"program={program!r})"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    time.sleep(6)
    process.send_signal(2)
    assert process.wait(10) != 0


@pytest.mark.slow
def test_a_killed_parent_leaves_no_process_for_long(
    few: list[Path], office: str, temporary: Path, tmp_path: Path
) -> None:
    if shutil.which("timeout") is None:
        pytest.skip("there is no program `timeout` here, which has the last word then")
    program = pretender(tmp_path, office, "sleep 1000", few[0])
    arguments = (
        f"[LegacyFile(Path({str(few[0])!r}), Format.DOC)], Path({str(tmp_path)!r}), "
        f"program={program!r}, seconds=5"
    )
    code = (
        "from pathlib import Path; from extract.detect import Format; "
        f"from extract.word.convert import LegacyFile, convert; convert({arguments})"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    assert until(lambda: office_processes(temporary)), "nothing was running"
    process.kill()
    process.wait()
    assert until(lambda: not office_processes(temporary))
    shutil.rmtree(temporary)
    temporary.mkdir()


def test_the_socket_that_a_killed_libreoffice_leaves_is_known(office: str, tmp_path: Path) -> None:
    with opened(office, tmp_path / "profile") as pipe:
        assert until(pipe.exists) and pipe.is_socket()


# ---- nothing that a document asks for is done: macros, links to the network, links to files

SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("office", "office"),
        ("text", "text"),
        ("draw", "drawing"),
        ("script", "script"),
        ("svg", "svg-compatible"),
    )
)
NAMES = (
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:ooo="http://openoffice.org/2004/office" '
    'xmlns:dom="http://www.w3.org/2001/xml-events"'
)


def odt(body: str, scripts: str = "", **more: str) -> bytes:
    """An OpenDocument text."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {SPACES} {NAMES} '
        'office:version="1.2">'
        f"{scripts}<office:body><office:text>{body}<text:p>end</text:p></office:text></office:body></office:document-content>"
    )
    members = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content} | {
        k.replace("__", "/") + ".xml": v for k, v in more.items()
    }
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    entries = "".join(
        f'<m:file-entry m:full-path="{n}" m:media-type="text/xml"/>'
        for n in members
        if n != "mimetype"
    )
    root = '<m:file-entry m:full-path="/" m:media-type="application/vnd.oasis.opendocument.text"/>'
    members["META-INF/manifest.xml"] = (
        f'<?xml version="1.0"?><m:manifest xmlns:m="{space}" '
        f'm:version="1.2">{root}{entries}</m:manifest>'
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return out.getvalue()


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """An address on the loopback, and the requests that came to it."""
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    requests.append(connection.recv(200))
                    connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nREMOTE")

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", requests
        server.shutdown(socket.SHUT_RDWR)


def test_links_are_not_followed(
    office: str, listener: tuple[str, list[bytes]], tmp_path: Path
) -> None:
    url, requests = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET", encoding="ascii")
    link = 'xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"'
    picture = (
        '<draw:frame svg:width="3cm" svg:height="3cm" text:anchor-type="paragraph"><draw:image '
        f'xlink:href="{url}/i.png" {link}/></draw:frame>'
    )
    sections = "".join(
        (
            f'<text:section text:name="{n}"><text:section-source xlink:href="{target}" '
            'xlink:type="simple"/><text:p>was</text:p></text:section>'
        )
        for n, target in enumerate((f"{url}/s.txt", secret.as_uri()))
    )
    (tmp_path / "links.odt").write_bytes(odt(f"<text:p>{picture}</text:p>{sections}"))
    fields = (
        rf'{{\field{{\*\fldinst INCLUDEPICTURE "{url}/r.png" \\d}}{{\fldrslt '
        rf'x}}}}{{\field{{\*\fldinst INCLUDETEXT "{secret}"}}{{\fldrslt y}}}}'
    )
    (tmp_path / "links.rtf").write_text(rf"{{\rtf1\ansi {fields}\par}}", encoding="ascii")
    save_as("doc", [tmp_path / "links.odt"], tmp_path, office)
    assert any(b"i.png" in request for request in requests), (
        "LibreOffice as it comes does not follow this link, so the test shows nothing"
    )
    requests.clear()
    paths = [tmp_path / "links.odt", tmp_path / "links.rtf", tmp_path / "doc" / "links.doc"]
    results = convert_paths(paths, tmp_path)
    for path in paths:
        result = results[path]
        assert isinstance(result, Converted)
        with zipfile.ZipFile(result.docx) as archive:
            assert not any(
                word in archive.read(name)
                for name in archive.namelist()
                for word in (b"SECRET", b"REMOTE")
            )
    assert requests == []


def test_macros_do_not_run(office: str, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    target = "vnd.sun.star.script:Standard.M.Main?language=Basic&amp;location=document"
    listener = (
        '<script:event-listener script:language="ooo:script" script:event-name="dom:load" '
        f'xlink:href="{target}" xlink:type="simple"/>'
    )
    code = f"Sub Main\nOpen &quot;{ran}&quot; For Output As #1\nPrint #1, 1\nClose #1\nEnd Sub"
    space = "http://openoffice.org/2000/script"
    basic = (
        f'<?xml version="1.0"?><script:module xmlns:script="{space}" script:name="M" '
        f'script:language="StarBasic">{code}</script:module>'
    )
    kept = 'library:name="Standard" library:readonly="false" library:passwordprotected="false"'
    link = 'library:name="Standard" library:link="false"'
    libraries = (
        'xmlns:library="http://openoffice.org/2000/library" '
        'xmlns:xlink="http://www.w3.org/1999/xlink"'
    )
    data = odt(
        "<text:p>macro</text:p>",
        f"<office:scripts><office:event-listeners>{listener}</office:event-listeners></office:scripts>",
        **{
            "Basic__Standard__M": basic,
            "Basic__Standard__script-lb": (
                f'<?xml version="1.0"?><library:library {libraries} {kept}><library:element '
                'library:name="M"/></library:library>'
            ),
            "Basic__script-lc": (
                f'<?xml version="1.0"?><library:libraries {libraries}><library:library '
                f"{link}/></library:libraries>"
            ),
        },
    )
    path = tmp_path / "macro.odt"
    path.write_bytes(data)
    result = convert_paths([path], tmp_path)[path]
    assert [p.text for p in converted(result).paragraphs] == ["macro", "end"]
    assert not ran.exists()
    # The macro is a live one: a LibreOffice that trusts everybody runs it when it opens the
    # document.
    user = tmp_path / "trusting" / "user"
    user.mkdir(parents=True)
    item = (
        '<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop '
        'oor:name="MacroSecurityLevel" oor:op="fuse"><value>0</value></prop></item>'
    )
    (user / "registrymodifications.xcu").write_text(
        f'<oor:items xmlns:oor="http://openoffice.org/2001/registry">{item}</oor:items>',
        encoding="utf-8",
    )
    with opened(office, user.parent, path):
        assert until(ran.exists), (
            "the macro is none that LibreOffice runs, so the test shows nothing"
        )


def test_a_batch_is_no_larger_than_it_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More documents than one process takes are split, and every one has its answer."""
    counts: list[int] = []

    def fails(arguments: Sequence[str], home: Path, **more: object) -> Ended:
        counts.append(sum(argument.endswith(".rtf") for argument in arguments))
        return Ended(late=False, status=1, said="")

    monkeypatch.setattr("extract.word.convert.run", fails)
    paths = [tmp_path / f"{n}.rtf" for n in range(2 * OFFICE_DOCUMENTS + 1)]
    for path in paths:
        path.write_bytes(rb"{\rtf1 %s\par}" % path.name.encode())
    assert len(convert_paths(paths, tmp_path, program="office", processes=1)) == len(paths)
    started = [count for count in counts if count]  # with both marks
    assert len(started) == 3 and max(started) <= OFFICE_DOCUMENTS + 2


def test_grids_are_grids(few: list[Path], tmp_path: Path) -> None:
    assert all(
        isinstance(grid, Grid) and grid.n_cols > 1
        for result in convert_paths(few, tmp_path).values()
        for grid in converted(result).grids
    )
