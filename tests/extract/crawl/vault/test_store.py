"""The vault: whole files under their hashes, a fetch log that survives what happens to it, and
nothing lost that a person would miss.
"""

import hashlib
import os
import random
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from extract.crawl.http.messages import Known, Response
from extract.crawl.vault.fetch_log import FetchRecord, VaultError
from extract.crawl.vault.store import Change, Origin, Vault
from extract.crawl.vault.verify import verify
from extract.crawl.vault.warc import export_warc
from tests.cost import cost
from tests.extract.crawl.vault.keeping import URL, WHEN, Clock, answer, kinds, lines


def test_a_file_lies_under_its_hash_and_is_read_only(vault: Vault) -> None:
    kept = vault.keep(answer(), Origin(URL))
    sha256 = hashlib.sha256(b"report").hexdigest()
    path = vault.path(kept.entry.sha256)
    assert path == vault.root / "raw" / sha256[:2] / sha256[2:4] / sha256
    assert path.read_bytes() == b"report"
    assert not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    assert list((vault.root / "incoming").iterdir()) == []


def test_the_manifest_says_where_a_file_came_from(vault: Vault) -> None:
    origin = Origin(
        f"{URL}#top",
        "pingtan",
        "attachment",
        "2022年年报.docx",
        "https://www.a.gov.cn/nb/",
        "平潭综合实验区",
        2022,
        {"level": "zone_government"},
    )
    disposition = 'attachment; filename="nb.docx"'
    got = answer(
        url="https://www.a.gov.cn/P020.docx",
        etag='"1"',
        content_type="x/y",
        set_cookie="secret",
        content_disposition=disposition,
    )
    vault.keep(got, origin)
    vault.failed(Origin("https://www.a.gov.cn/no.html"), "not_found", 404)
    kept, failed = lines(vault.root)
    assert kept == FetchRecord(
        URL,
        "2026-11-24T10:01:00Z",
        200,
        "",
        hashlib.sha256(b"report").hexdigest(),
        6,
        "https://www.a.gov.cn/P020.docx",
        {
            "etag": '"1"',
            "content-type": "x/y",
            "content-disposition": 'attachment; filename="nb.docx"',
        },
        "nb.docx",
        "pingtan",
        "attachment",
        "2022年年报.docx",
        "https://www.a.gov.cn/nb/",
        "平潭综合实验区",
        2022,
        {"level": "zone_government"},
    )
    assert failed == FetchRecord(
        "https://www.a.gov.cn/no.html", "2026-11-24T10:02:00Z", 404, "not_found"
    )
    assert list(vault.entries()) == [kept]


def test_an_unchanged_address(vault: Vault) -> None:
    assert vault.known(URL) is None
    assert (
        vault.keep(answer(etag='"1"', last_modified="Mon"), Origin(URL, agency="甲")).change
        is Change.NEW
    )
    assert vault.known(f"{URL}#x") == Known(URL, '"1"', "Mon")
    again = vault.keep(answer(b"", 304, etag='"2"'), Origin(URL, agency="乙"))
    assert again.change is Change.UNCHANGED
    assert vault.known(URL) == Known(URL, '"2"', "Mon")
    assert vault.keep(answer(), Origin(URL, agency="丙")).change is Change.UNCHANGED
    (version,) = vault.versions(URL)
    assert (version.first_at, version.last_at) == ("2026-11-24T10:01:00Z", "2026-11-24T10:03:00Z")
    assert (version.entry.agency, version.entry.status) == ("丙", 200)
    assert [entry.status for entry in lines(vault.root)] == [200, 304, 200]
    assert len({entry.sha256 for entry in lines(vault.root)}) == 1


def test_not_modified_keeps_the_answer_and_renews_where_it_was_found(vault: Vault) -> None:
    vault.keep(answer(etag='"1"'), Origin(URL, agency="甲", text="a"))
    vault.keep(answer(b"", 304), Origin(URL, agency="乙"))
    (entry,) = vault.entries()
    assert (entry.agency, entry.headers, entry.status, entry.name) == (
        "乙",
        {"etag": '"1"'},
        200,
        "2022.html",
    )
    assert vault.stored(URL) == Response(URL, 200, {"etag": '"1"'}, b"report")


def test_new_content_of_an_address_keeps_both(vault: Vault) -> None:
    for content in (b"a", b"b", b"a", b"c", b"a"):
        vault.keep(answer(content), Origin(URL))
    versions = vault.versions(URL)
    assert [v.path.read_bytes() for v in versions] == [b"b", b"c", b"a"]
    assert [(v.first_at[14:16], v.last_at[14:16]) for v in versions] == [
        ("02", "02"),
        ("04", "04"),
        ("01", "05"),
    ]
    stored = vault.stored(URL)
    assert stored is not None
    assert stored.content == b"a"
    assert kinds(vault) == []


def test_a_failed_fetch_loses_nothing(vault: Vault) -> None:
    vault.keep(answer(etag='"1"'), Origin(URL))
    vault.failed(Origin(URL), "timeout")
    assert vault.known(URL) == Known(URL, '"1"')
    assert len(list(vault.entries())) == 1
    with pytest.raises(VaultError, match="failed"):
        vault.keep(answer(status=404), Origin(URL))
    with pytest.raises(VaultError, match="without conditions"):
        vault.keep(answer(b"", 304), Origin("https://www.b.gov.cn/"))


def test_what_is_gone_from_its_list(vault: Vault) -> None:
    page = "https://www.a.gov.cn/p.html"
    for url, linked in (
        (URL, ""),
        (page, ""),
        ("https://www.a.gov.cn/p.docx", page),
        ("https://www.b.gov.cn/", ""),
    ):
        vault.keep(answer(), Origin(url, "b" if "www.b" in url else "a", page=linked))
    assert vault.linked_from(page) == ["https://www.a.gov.cn/p.docx"]
    assert vault.unlisted("a", {page}) == [URL]
    assert vault.mark_gone([URL, "https://www.never.gov.cn/"]) == 1
    since = vault.gone_since(URL)
    assert since == "2026-11-24T10:05:00Z"
    assert vault.mark_gone([URL]) == 0
    assert vault.unlisted("a", set()) == ["https://www.a.gov.cn/p.docx", page]
    assert vault.path(lines(vault.root)[0].sha256).exists()
    vault.keep(answer(b"", 304), Origin(URL, "a"))
    assert vault.gone_since(URL) == ""


def test_a_file_that_is_not_there_is_asked_for_again(vault: Vault) -> None:
    path = vault.path(vault.keep(answer(etag='"1"'), Origin(URL)).entry.sha256)
    path.chmod(0o644)
    path.write_bytes(b"half")
    assert vault.known(URL) is None
    assert vault.stored(URL) is None
    vault.keep(answer(etag='"1"'), Origin(URL))
    assert path.read_bytes() == b"report"
    path.unlink()
    assert vault.known(URL) is None


def test_verify_names_every_fault(vault: Vault) -> None:
    paths = [
        vault.path(vault.keep(answer(bytes([n])), Origin(f"{URL}?{n}")).entry.sha256)
        for n in range(4)
    ]
    assert kinds(vault) == []
    paths[0].unlink()
    paths[1].chmod(0o644)
    paths[1].write_bytes(b"!")
    (vault.root / "raw" / "note.txt").write_text("x")
    orphan = vault.path(hashlib.sha256(b"o").hexdigest())
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"o")
    faults = {fault.path: fault.kind for fault in verify(vault)}
    assert faults == {
        paths[0]: "missing",
        paths[1]: "damaged",
        vault.root / "raw" / "note.txt": "stray",
        orphan: "orphan",
    }
    with pytest.raises(VaultError, match="verify"):
        export_warc(vault, vault.root / "x.warc")
    assert not list(vault.root.glob("*.warc*")) and not list(vault.root.glob(".*"))


NASTY = {
    "parent": "https://www.a.gov.cn/x/../../../../etc/passwd",
    "absolute": "https://www.a.gov.cn//etc/passwd",
    "backslash": "https://www.a.gov.cn/..\\..\\boot.ini",
    "NUL": "https://www.a.gov.cn/a%00.docx",
    "300 characters": f"https://www.a.gov.cn/{'年' * 300}.docx",
    "reserved": "https://www.a.gov.cn/CON.docx",
    "right to left": "https://www.a.gov.cn/a%E2%80%AExcod.exe",
    "NFD": "https://www.a.gov.cn/e%CC%81.docx",
    "encoded": "https://www.a.gov.cn/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
}


@pytest.mark.parametrize("url", NASTY.values(), ids=NASTY)
def test_no_address_and_no_header_leads_out_of_the_vault(vault: Vault, url: str) -> None:
    for given in (
        answer(url=url),
        answer(url=URL, content_disposition=f'attachment; filename="{url[21:]}"'),
    ):
        kept = vault.keep(given, Origin(url))
        path = vault.path(kept.entry.sha256)
        assert path.resolve().is_relative_to(vault.root.resolve() / "raw")
        assert not {"/", "\\", "\0", "\u202e"} & set(kept.entry.name)
        assert kept.entry.name.strip(". ") and len(kept.entry.name.encode()) <= 200
        assert kept.entry.name not in ("CON.docx", "..")
    assert {p.name for p in vault.root.iterdir()} <= {
        "raw",
        "incoming",
        "manifest",
        "lock",
        "index.sqlite",
        "index.sqlite-wal",
        "index.sqlite-shm",
    }


def test_only_one_process_has_it_open(vault: Vault) -> None:
    with pytest.raises(VaultError, match="another process"):
        Vault(vault.root)


def test_many_threads(tmp_path: Path) -> None:
    with Vault(tmp_path) as vault, ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda n: vault.keep(
                    answer(bytes([n % 7])), Origin(f"{URL}?{n}", text=f"{n}" * 50)
                ),
                range(400),
            )
        )
        assert kinds(vault) == []
    assert sorted(entry.address for entry in lines(tmp_path)) == sorted(
        f"{URL}?{n}" for n in range(400)
    )


def test_a_full_disk_is_named_and_leaves_nothing_half(tmp_path: Path) -> None:
    with Vault(tmp_path) as vault:
        vault.keep(answer(etag='"1"'), Origin(URL))
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        held = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
            with pytest.raises(VaultError, match="free some space"):
                vault.keep(answer(bytes(20_000)), Origin(URL))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, held)
        assert list((tmp_path / "incoming").iterdir()) == []
        assert vault.known(URL) == Known(URL, '"1"')
        assert kinds(vault) == []


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "vault").write_text("a file")
    with pytest.raises(VaultError, match="vault"):
        Vault(tmp_path / "vault")


# What may happen to the manifest and the index.


@pytest.mark.parametrize("harm", ["gone", "garbage", "another version", "ahead of the manifest"])
def test_the_index_is_made_again_from_the_manifest(tmp_path: Path, harm: str) -> None:
    index = tmp_path / "index.sqlite"
    with Vault(tmp_path, Clock()) as vault:
        for content in (b"a", b"b"):
            vault.keep(answer(content, etag=f'"{content!r}"'), Origin(URL, "s", page="p"))
        vault.keep(answer(b"", 304), Origin(URL, "s"))
        vault.failed(Origin(f"{URL}?no"), "timeout")
        vault.mark_gone([URL])
        before = (
            vault.versions(URL),
            vault.known(URL),
            vault.gone_since(URL),
            list(vault.entries()),
        )
    if harm == "gone":
        index.unlink()
    elif harm == "garbage":
        index.write_bytes(b"not a database" * 1000)
    else:
        with sqlite3.connect(index) as db:
            db.execute(
                "pragma user_version = 99"
                if harm == "another version"
                else "update read set position = 999999"
            )
        db.close()
    with Vault(tmp_path) as vault:
        assert (
            vault.versions(URL),
            vault.known(URL),
            vault.gone_since(URL),
            list(vault.entries()),
        ) == before


def test_text_of_every_kind_stands_in_one_line(vault: Vault) -> None:
    text = 'a\nb\r\u2028\u0085\ud800"\\年' + "x" * 2000
    page = "https://www.a.gov.cn/\ud800"
    vault.keep(answer(), Origin(URL, text=text, page=page, agency="\ud800", more={"a": "\ud800"}))
    (entry,) = vault.entries()
    assert entry.text == text[:500].replace("\ud800", "?")
    assert vault.linked_from(page) == [URL]
    assert vault.known(page) is None
    manifest = next((vault.root / "manifest").iterdir())
    assert manifest.read_bytes().count(b"\n") == 1


def test_months_have_files_of_their_own(tmp_path: Path) -> None:
    times = iter([WHEN, WHEN + timedelta(days=10), WHEN])  # a clock that goes back
    with Vault(tmp_path, lambda: next(times)) as vault:
        for n in range(3):
            vault.keep(answer(bytes([n])), Origin(f"{URL}?{n}"))
    assert [p.name for p in sorted((tmp_path / "manifest").iterdir())] == [
        "2026-11.jsonl",
        "2026-12.jsonl",
    ]
    with Vault(tmp_path) as vault:
        assert len(list(vault.entries())) == 3


# A process that is killed.

CHILD = """
import sys
from pathlib import Path
from extract.crawl.vault.store import Origin, Vault
from extract.crawl.http.messages import Response
with Vault(Path(sys.argv[1])) as vault:
    print("open", flush=True)
    for n in range(300):
        url = f"https://www.a.gov.cn/{n}.html"
        known = vault.known(url)
        content = b"" if known else bytes([n % 251]) * (n * 997 % 90_000)
        answer = Response(url, 304 if known else 200, {"etag": f'"{n}"'}, content)
        vault.keep(answer, Origin(url))
print("done", flush=True)
"""


def test_killed_at_20_moments_and_run_again_no_file_is_half(tmp_path: Path) -> None:
    chance = random.Random(20)
    command = [sys.executable, "-c", CHILD, str(tmp_path)]
    for _ in range(20):
        child = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[4])
        assert child.stdout is not None
        assert child.stdout.readline() == b"open\n"
        time.sleep(chance.uniform(0, 0.05))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        for path in (p for p in (tmp_path / "raw").rglob("*") if p.is_file()):
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    done = subprocess.run(
        command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[4], check=True
    )
    assert done.stdout == b"open\ndone\n"
    with Vault(tmp_path) as vault:
        assert kinds(vault) == []
        assert sorted(entry.address for entry in vault.entries()) == sorted(
            f"https://www.a.gov.cn/{n}.html" for n in range(300)
        )
        assert list((tmp_path / "incoming").iterdir()) == []


# Quick enough, and small enough.


def test_an_unchanged_night_is_quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """100,000 documents in 10 s are 100 µs for each; measured here on 3,000, in processor time,
    with room for a busy machine.
    """
    many = 3_000
    with monkeypatch.context() as quick:
        quick.setattr(os, "fsync", lambda descriptor: None)
        with Vault(tmp_path) as vault:
            for n in range(many):
                vault.keep(
                    answer(b"%d" % (n % 50), etag=f'"{n}"'),
                    Origin(f"{URL}?{n}", "s", text="年度报告" * 5),
                )

    def unchanged() -> None:
        with Vault(tmp_path) as vault:
            for n in range(many):
                assert vault.known(f"{URL}?{n}") is not None
                vault.keep(
                    answer(b"", 304, etag=f'"{n}"'), Origin(f"{URL}?{n}", "s", text="年度报告" * 5)
                )

    assert cost(unchanged) / many < 300e-6


# WARC


@pytest.mark.parametrize("name", ["vault.warc", "vault.warc.gz"])
def test_the_archive_is_valid_and_holds_everything(vault: Vault, name: str) -> None:
    contents = {f"{URL}?{n}": bytes([n]) * n * 1000 for n in range(5)}
    for url, content in contents.items():
        vault.keep(
            answer(content, url=url, content_type="text/html; charset=gb2312", etag='"年"'),
            Origin(url),
        )
    vault.keep(answer(b"new", url="https://www.a.gov.cn/moved"), Origin(f"{URL}?0"))
    path = vault.root.parent / name
    assert export_warc(vault, path) == 6
    checked = Checker(type("Command", (), {"inputs": [str(path)], "verbose": False})())
    assert checked.process_all() in (0, None)
    found, dates = {}, []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            if record.rec_type == "response":
                body = record.content_stream().read()
                assert record.http_headers.get_header("Content-Length") == str(len(body))
                dates.append(record.rec_headers.get_header("WARC-Date"))
                found[record.rec_headers.get_header("WARC-Target-URI")] = body
    assert sorted(dates) == [f"2026-11-24T10:0{n}:00Z" for n in range(1, 7)]
    assert found == {**contents, "https://www.a.gov.cn/moved": b"new"}
