"""What goes wrong around the pages: files that are gone, replaced, older, huge, broken or locked by
a password; hundreds of drafts at once; hostile text; two people, and numbers that changed.

Each gives a page that says so, never a traceback and never something that runs.
"""

import gzip
import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import httpx
import pytest
from reportlab.pdfgen.canvas import Canvas

from flows.commands.cli import status
from flows.steps.serve import site_of
from flows.steps.settings import load_settings
from review.judged import Judged
from review.pages.site import Draft, Site
from tests.build.browser import find_chromium
from tests.conftest import CHECKOUT
from tests.extract import hostile
from tests.review.pages.serving import served
from tests.review.pages.test_pages import check, decide, token_in

SAMPLES = CHECKOUT / "data" / "samples"
WRONG_SUM = SAMPLES / "2019-html-word.html"
PIPES = SAMPLES / "2019-txt-pipes.txt"
PDF = SAMPLES / "2021-pdf-line.pdf"
OLDER = CHECKOUT / "tests" / "load" / "files"
EVIL = "<script>alert(1)</script>javascript:alert(1){{7*7}}\u202e"


def judged_in(folder: Path, *files: Path) -> Path:
    """A database of these files."""
    database = folder / "w.duckdb"
    assert status(["run", *map(str, files), "--database", str(database)]) == 0
    return database


def reports_of(database: Path) -> list[str]:
    with duckdb.connect(database, read_only=True) as con:
        rows = con.execute("SELECT report_id FROM reports ORDER BY report_id").fetchall()
    return [str(row[0]) for row in rows]


@contextmanager
def pages_of(database: Path, folder: Path) -> Iterator[httpx.Client]:
    settings = load_settings(database=database, corrections=folder / "corrections")
    with (
        site_of(settings, (), 2) as site,
        served(site) as address,
        httpx.Client(base_url=address, follow_redirects=True, timeout=120) as client,
    ):
        client.get("/", params={"lang": "en"})
        yield client


def test_a_database_of_an_older_schema_is_named_with_what_to_do(tmp_path: Path) -> None:
    database = tmp_path / "w.duckdb"
    (packed,) = OLDER.glob("*.duckdb.gz")
    database.write_bytes(gzip.decompress(packed.read_bytes()))
    with pages_of(database, tmp_path) as client:
        for path in ("/board", "/findings", "/findings.csv", "/report/x", "/rule/cell.blank"):
            page = client.get(path)
            assert page.status_code == 503 and "nianbao run" in page.text, path
            assert "Traceback" not in page.text


def test_no_database_at_all_or_one_that_is_none(tmp_path: Path) -> None:
    database = tmp_path / "w.duckdb"
    with pages_of(database, tmp_path) as client:
        assert client.get("/findings").status_code == 503
        database.write_bytes(b"no database")
        page = client.get("/findings")
        assert page.status_code == 503 and "Traceback" not in page.text
        assert client.get("/").status_code == 200, "drafts are checked all the same"


def test_a_source_that_is_gone_or_another_one_is_said_and_the_text_shown(tmp_path: Path) -> None:
    given = tmp_path / PIPES.name
    given.write_bytes(PIPES.read_bytes())
    database = judged_in(tmp_path, given)
    (report,) = reports_of(database)
    with pages_of(database, tmp_path) as client:
        assert "stored" not in client.get(f"/report/{report}").text
        given.write_bytes(b"something else")
        assert "no longer the one that was read" in client.get(f"/report/{report}").text
        given.unlink()
        page = client.get(f"/report/{report}")
        assert page.status_code == 200 and "is not in the vault" in page.text
        assert "本年新收政府信息公开申请0件" in page.text, "the stored text"


def locked_pdf() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, encrypt="secret")
    canvas.drawString(72, 720, "secret")
    canvas.save()
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("broken.docx", (SAMPLES / "2014-docx-raw.docx").read_bytes()[:4000], ""),
        ("broken.pdf", PDF.read_bytes()[:2000], ""),
        ("empty.docx", b"", ""),
        ("locked.pdf", locked_pdf(), "password"),
        (
            "locked.doc",
            hostile.ole({"WordDocument": hostile.word_stream(encrypted=True)}),
            "password",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_a_draft_that_cannot_be_read_is_said_to_be(
    client: httpx.Client, name: str, data: bytes, words: str
) -> None:
    page = check(client, (name, data))
    assert page.status_code == 200 and "Not readable as an annual report" in page.text
    assert words in page.text.lower() and name in page.text and "Traceback" not in page.text


def test_an_upload_that_is_too_large_is_refused_before_it_is_held() -> None:
    with (
        site_of(None, (), 1) as site,
        served(replace(site, upload_bytes=2**20)) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        token = token_in(client.get("/", params={"lang": "en"}))
        files = [("drafts", ("huge.docx", bytes(2**20 + 1)))]
        page = client.post("/check", data={"token": token}, files=files)
        assert page.status_code == 413 and "larger than 1 MB" in page.text


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        site_of(None, (), 2) as site,
        served(site) as address,
        httpx.Client(base_url=address, follow_redirects=True, timeout=120) as made,
    ):
        yield made


def test_three_hundred_drafts_wait_in_a_queue_that_shows_itself() -> None:
    """The drafts are judged by a stand-in: what is tried is the queue and the table."""
    with site_of(None, (), 2) as real:
        good = real.check(Draft("good.html", WRONG_SUM.read_bytes()), ())
        junk = real.check(Draft("junk.docx", b"no report"), ())
    gate = threading.Semaphore(0)

    def judge(draft: Draft, previous: Sequence[Draft]) -> Judged:
        gate.acquire()
        if draft.name == "breaks.html":
            raise ValueError("a mistake of ours")
        return junk if draft.data == b"junk" else good

    names = [f"draft-{n:03d}.html" for n in range(294)] + ["breaks.html"]
    files = [("drafts", (name, b"report")) for name in names]
    files += [("drafts", (f"junk-{n}.docx", b"junk")) for n in range(5)]
    with (
        served(Site(check=judge, at_once=4)) as address,
        httpx.Client(base_url=address, follow_redirects=True, timeout=60) as client,
    ):
        token = token_in(client.get("/", params={"lang": "en"}))
        page = client.post("/check", data={"token": token}, files=files)
        assert "0 of 300 done" in page.text and "refresh" in page.headers
        other = client.post("/check", data={"token": token}, files=files[:1])
        assert "300 drafts wait before yours" in other.text
        for _ in range(120):
            gate.release()
        while client.get(f"{page.url.path}/progress").json()["done"] < 120:
            pass
        assert client.get(f"{page.url.path}/progress").json() == {
            "done": 120,
            "of": 300,
            "before": 0,
        }
        for _ in range(181):
            gate.release()
        while "refresh" in (shown := client.get(page.url)).headers:
            pass
        assert shown.status_code == 200 and len(shown.content) < 400_000
        places = [shown.text.index(f"junk-{n}.docx") for n in range(5)]
        assert max(places) < shown.text.index("draft-000.html"), "what was not read comes first"
        assert "294 with errors, 6 could not be read" in shown.text
        assert "Traceback" not in shown.text and "a mistake of ours" not in shown.text


def test_hostile_text_never_runs_on_any_page(tmp_path: Path) -> None:
    given = tmp_path / f"{EVIL.replace('/', '')}.txt"
    text = PIPES.read_text("utf-8")
    text = text.replace("984361元", EVIL).replace(
        "本年新收政府信息公开申请0件", f"本年新收{EVIL}申请0件"
    )
    given.write_text(text, "utf-8")
    database = judged_in(tmp_path, given)
    (report,) = reports_of(database)
    paths = (
        "/board",
        f"/findings?text={EVIL}",
        f"/findings?agency={EVIL}&level={EVIL}&cause={EVIL}",
        f"/report/{report}",
        f"/cell/{report}/proactive/fees/amount",
        f"/agency/{EVIL}",
        f"/rule/{EVIL}",
        f"/report/{EVIL}",
    )
    with pages_of(database, tmp_path) as client:
        for path in paths:
            page = client.get(path)
            assert page.status_code in (200, 404), path
            assert "<script>alert" not in page.text and 'href="javascript:' not in page.text, path
            assert ">49<" not in page.text and "Traceback" not in page.text, path
        assert "{{7*7}}" in client.get(f"/report/{report}").text, "it is shown as it stands there"


def test_of_two_people_the_second_sees_the_first_and_changed_numbers_open_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "report.txt"
    given.write_bytes(with_total("3"))
    database = judged_in(tmp_path, given)
    monkeypatch.setenv("NIANBAO_CORRECTIONS", str(tmp_path / "corrections"))
    run = ["run", str(given), "--database", str(database)]
    (report,) = reports_of(database)
    finding, instance = errors_of(database)[0][:2]
    with pages_of(database, tmp_path) as client:
        form = {"token": token_in(client.get(f"/report/{report}")), "findings": finding}
        first = {**form, "what": "dismissed", "by": "王", "reason": "the total excludes them"}
        assert decide(client, report, first).status_code == 200
        second = decide(client, report, {**form, "what": "accepted", "by": "李", "reason": "no"})
        assert second.status_code == 409
        assert "王" in second.text and "the total excludes them" in second.text
    assert status(run) == 0
    assert (finding, instance, "dismissed") in errors_of(database)
    given.write_bytes(with_total("45"))
    assert status(run) == 0
    (again,) = (row for row in errors_of(database) if row[1] == instance)
    assert again[0] != finding and again[2] == "new", "other numbers: nobody has judged them yet"
    (report,) = reports_of(database)
    with pages_of(database, tmp_path) as client:
        page = client.get(f"/report/{report}").text
        assert "the total excludes them" not in page and again[0] in page


def errors_of(database: Path) -> list[tuple[str, str, str]]:
    with duckdb.connect(database, read_only=True) as con:
        rows = con.execute(
            "SELECT finding_id, instance, status FROM findings "
            "WHERE rule_id = 'requests.result_total' AND level = 'error' ORDER BY instance"
        ).fetchall()
    return [(str(a), str(b), str(c)) for a, b, c in rows]


def with_total(number: str) -> bytes:
    """A report whose total of results for natural persons is `number` and should be 0."""
    lines = PIPES.read_text("utf-8").splitlines(keepends=True)
    (at,) = (n for n, line in enumerate(lines) if "（七）总计" in line)
    lines[at] = lines[at].replace("| 0 |", f"| {number} |", 1)
    return "".join(lines).encode()


def test_a_long_pdf_opens_at_once_and_its_pages_come_when_they_are_seen(tmp_path: Path) -> None:
    import pypdfium2
    from playwright.sync_api import sync_playwright

    if find_chromium() is None:
        pytest.skip("chromium is not installed")
    filler = io.BytesIO()
    canvas = Canvas(filler)
    for number in range(198):
        canvas.drawString(72, 720, f"annex {number}")
        canvas.showPage()
    canvas.save()
    given = tmp_path / "long.pdf"
    with (
        pypdfium2.PdfDocument(PDF) as report,
        pypdfium2.PdfDocument(filler.getvalue()) as annex,
        pypdfium2.PdfDocument.new() as long,
    ):
        long.import_pages(report)
        long.import_pages(annex)
        long.save(given)
    database = judged_in(tmp_path, given)
    (found,) = reports_of(database)
    from tests.review.pages.tour import chromium

    with pages_of(database, tmp_path) as client:
        page_of_report = client.get(f"/report/{found}")
        assert len(page_of_report.content) < 300_000
        assert page_of_report.text.count("<img") == 200
        with sync_playwright() as playwright, chromium(playwright) as page:
            asked: list[str] = []

            page.on("request", lambda r: asked.append(r.url) if r.url.endswith(".png") else None)
            page.goto(f"{client.base_url}/report/{found}")
            page.wait_for_load_state()
            assert 0 < len(asked) < 30
            with page.expect_request("**/page/200.png"):
                page.eval_on_selector(".source", "pane => { pane.scrollTop = pane.scrollHeight; }")
            assert len(asked) < 60
