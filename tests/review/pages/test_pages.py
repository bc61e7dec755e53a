"""The pages over loopback, in both languages: every page, what they refuse, and a browser."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import httpx
import pytest
import yaml

from flows.commands.cli import status
from flows.steps.serve import site_of
from flows.steps.settings import load_settings
from tests.build.browser import find_chromium
from tests.conftest import CHECKOUT
from tests.review.pages.serving import served

SAMPLES = CHECKOUT / "data" / "samples"
WRONG_SUM = SAMPLES / "2019-html-word.html"
CLEAN = SAMPLES / "2014-docx-raw.docx"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    file = folder / "w.duckdb"
    assert status(["run", str(WRONG_SUM), str(CLEAN), "--database", str(file)]) == 0
    return file


@pytest.fixture(scope="module")
def corrections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("corrections")


@pytest.fixture(scope="module")
def address(database: Path, corrections: Path, report: str) -> Iterator[str]:
    settings = load_settings(database=database, corrections=corrections)
    with site_of(settings, (), 2) as site, served(site) as found:
        yield found


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, follow_redirects=True, timeout=60) as made:
        yield made


def token_in(page: httpx.Response) -> str:
    found = re.search(r'name="token" value="(\w+)"', page.text)
    assert found
    return found[1]


def check(client: httpx.Client, *files: tuple[str, bytes], lang: str = "en") -> httpx.Response:
    """The page that a visitor sees at the end of a check."""
    token = token_in(client.get("/", params={"lang": lang}))
    sent = [("drafts", file) for file in files]
    page = client.post("/check", data={"token": token}, files=sent)
    while "refresh" in page.headers:
        page = client.get(page.url)
    return page


@pytest.fixture(scope="module")
def report(database: Path) -> str:
    """The report with errors; asked before a server opens the database in its own way."""
    with duckdb.connect(database, read_only=True) as con:
        rows = con.execute("SELECT report_id FROM findings WHERE level = 'error'").fetchall()
    return str(rows[0][0])


def decide(client: httpx.Client, report: str, form: dict[str, str]) -> httpx.Response:
    """Send the form of a decision as a browser does."""
    fields = {name: (None, value) for name, value in form.items()}
    return client.post(f"/report/{report}/decide", files=fields)


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "（七）总计为 20"), ("en", "but the total (7) is 20")]
)
def test_a_draft_is_judged(client: httpx.Client, lang: str, words: str) -> None:
    page = check(client, ("draft.html", WRONG_SUM.read_bytes()), lang=lang)
    assert (
        page.status_code == 200 and words in page.text and "平潭综合实验区管理委员会" in page.text
    )
    assert len(page.content) < 300_000


def test_many_drafts_are_a_table_with_junk_in_its_place(client: httpx.Client) -> None:
    page = check(
        client,
        ("good.docx", CLEAN.read_bytes()),
        ("<script>alert(1).html", WRONG_SUM.read_bytes()),
        ("junk.docx", b"no report"),
        ("half.docx", CLEAN.read_bytes()[:3000]),
    )
    names = ("half.docx", "junk.docx", "&lt;script&gt;alert(1).html", "good.docx")
    places = [page.text.index(name) for name in names]
    assert places == sorted(places) and "<script>alert" not in page.text


def test_hostile_text_of_a_draft_is_text(client: httpx.Client) -> None:
    evil = "<script>alert(1)</script>javascript:{{7*7}}\u202e"
    text = (SAMPLES / "2019-txt-pipes.txt").read_text("utf-8")
    assert "984361元" in text
    page = check(client, ("draft.txt", text.replace("984361元", evil).encode()))
    assert page.status_code == 200 and "<script>alert" not in page.text and "{{7*7}}" in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe-inline" not in policy


def test_a_word_draft_comes_back_with_comments(client: httpx.Client) -> None:
    clean, page = CLEAN.read_bytes(), WRONG_SUM.read_bytes()
    shown = check(client, ("中文 draft.docx", clean))
    given = client.get(f"{shown.url.path}/0/annotated")
    assert given.status_code == 200 and "-nianbao.docx" in given.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(given.content)) as package:
        assert "word/comments.xml" in package.namelist()
    several = check(client, ("a.docx", clean), ("b.html", page))
    packed = client.get(f"{several.url.path}/annotated.zip")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as package:
        assert package.namelist() == ["001-a-nianbao.docx"]
    assert client.get(f"{several.url.path}/1/annotated").status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_of_the_warehouse(client: httpx.Client, report: str, lang: str) -> None:
    for path in (
        "/board",
        "/findings",
        "/findings?level=error",
        f"/report/{report}",
        "/agency/平潭综合实验区管理委员会",
        "/rule/requests.result_total",
        f"/cell/{report}/requests/result_total/natural",
    ):
        page = client.get(path, params={"lang": lang} if "?" not in path else {})
        assert page.status_code == 200, (path, page.text[:300])
        assert len(page.content) < 300_000, path
    rows = client.get("/findings.csv", params={"level": "error"})
    assert rows.text.startswith("\ufeff") and rows.text.count("requests.result_total") == 2


def test_what_is_not_there_or_not_asked_here_is_refused(client: httpx.Client, address: str) -> None:
    assert client.get("/report/0000000000000000").status_code == 404
    assert client.get("/nowhere").status_code == 404
    assert client.get("/", headers={"host": "evil.example"}).status_code == 421
    files = [("drafts", ("a.docx", b"x"))]
    assert client.post("/check", data={"token": "0" * 64}, files=files).status_code == 403
    own = token_in(client.get("/"))
    foreign = {"origin": "http://evil.example"}
    sent = client.post("/check", data={"token": own}, files=files, headers=foreign)
    assert sent.status_code == 403


def test_a_decision_is_written_for_the_next_run(
    client: httpx.Client, report: str, corrections: Path
) -> None:
    page = client.get(f"/report/{report}", params={"lang": "en"})
    found = re.search(r'name="findings" value="([\w ]+)"', page.text)
    assert found
    form = {"token": token_in(page), "what": "accepted", "findings": found[1], "by": "王"}
    assert decide(client, report, form).status_code == 400  # no reason
    form["reason"] = "known"
    assert decide(client, report, form).status_code == 200
    (written,) = corrections.glob("*.yaml")
    entries = yaml.safe_load(written.read_text("utf-8"))["findings"]
    assert [(e["finding"], e["status"], e["by"], e["reason"]) for e in entries] == [
        (finding, "accepted", "王", "known") for finding in found[1].split()
    ]
    again = decide(client, report, {**form, "what": "dismissed"})
    assert again.status_code == 409 and "王" in again.text
    written.unlink()


def test_without_a_warehouse_the_page_says_so(tmp_path: Path) -> None:
    settings = load_settings(database=tmp_path / "none.duckdb")
    with site_of(settings, (), 1) as site, served(site) as found:
        page = httpx.get(f"{found}/board", params={"lang": "en"})
        assert page.status_code == 503 and "nianbao run" in page.text
    with site_of(None, (), 1) as site, served(site) as found:
        assert httpx.get(f"{found}/board").status_code == 404
        assert httpx.get(f"{found}/").status_code == 200


def test_only_this_machine_may_send_drafts(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["serve", "--check-only", "--host", "0.0.0.0", "--port", "0"]) == 3  # noqa: S104
    assert "docs/clerk-server.md" in capsys.readouterr().err


def test_a_finding_leads_to_its_cell_in_a_browser(address: str, report: str) -> None:
    program = find_chromium()
    if program is None:
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = started.new_page(viewport={"width": 390, "height": 800}, locale="zh-CN")
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        page.goto(address)
        page.set_input_files("input[name=drafts]", str(WRONG_SUM))
        page.click("button[type=submit]")
        page.wait_for_selector("#issue-1")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.click("#issue-1 a >> nth=0")
        framed = page.wait_for_selector("td:target, td.framed")
        assert framed
        for _ in range(50):  # it is scrolled to, which takes a moment
            box = framed.bounding_box()
            if box and 0 <= box["y"] <= box["y"] + box["height"] <= 800:
                break
            page.wait_for_timeout(100)
        assert box and 0 <= box["y"] <= box["y"] + box["height"] <= 800
        for path in ("/board", "/findings", f"/report/{report}"):
            page.goto(f"{address}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") == 390, path
        assert faults == []
        started.close()
