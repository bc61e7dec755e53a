"""What a person must look at after a night: exit status, words and mail, each for its reason."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data import ConfigError
from extract.crawl.outcome import SourceDone
from flows.steps.attention import attention
from flows.steps.settings import Settings, load_settings
from load.database import connect
from review.run_report import Summary
from tests.flows.command import nianbao
from tests.flows.post import Mails, post_office
from tests.web import Site, web, write_sources


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with web(families=("vsb",), agencies=1, years=(2021, 2022)) as sites:
        sites["vsb"].entry["tested"] = True
        write_sources(sites, tmp_path / "sources.yaml")
        yield sites["vsb"]


def environment(home: Path, **more: str) -> dict[str, str]:
    return {
        "NIANBAO_VAULT": str(home / "vault"),
        "NIANBAO_SOURCES": str(home / "sources.yaml"),
        "NIANBAO_CONTACT": "crawler@example.org",
        "NIANBAO_LOOPBACK": "true",
        **more,
    }


def summary(changed: int, unread: int, damaged: tuple[str, ...] = ()) -> Summary:
    counts = {"error": 0, "warning": 0, "info": 0}
    return Summary(
        Path("w"), 9, 9, 0, True, 9, 0, 0, {}, {}, 9, counts, 0, changed, unread, damaged
    )


GOOD = SourceDone("good", "a.gov.cn", 1, True, 2, 2)
STALE = SourceDone("old", "b.gov.cn", 0, False)


@pytest.mark.parametrize(
    ("done", "made", "said"),
    [
        ([GOOD], summary(4, 2), []),
        ([GOOD], summary(0, 0), []),
        ([GOOD, STALE], summary(0, 0), ["old is stale: the lists were not read whole"]),
        ([GOOD], summary(4, 3), ["3 of 4 documents that were new or read again could not be read"]),
        ([GOOD], summary(0, 0, ("raw/1",)), ["raw/1: this file of the vault was damaged"]),
    ],
)
def test_a_line_for_each_thing(done: list[SourceDone], made: Summary, said: list[str]) -> None:
    lines = attention(Settings(), done, made)
    assert len(lines) == len(said)
    assert all(line.startswith(start) for line, start in zip(lines, said, strict=True))


def test_a_mail_server_without_an_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_SMTP", "127.0.0.1:25")
    with pytest.raises(ConfigError, match="NIANBAO_SMTP is set and NIANBAO_NOTIFY is not"):
        load_settings()


def subjects(post: Mails) -> list[str]:
    return [str(mail["Subject"]) for mail in post.got]


def test_nights_by_cron_are_told_by_mail(site: Site, tmp_path: Path) -> None:
    with post_office() as post:
        mail = {"NIANBAO_SMTP": f"127.0.0.1:{post.port}", "NIANBAO_NOTIFY": "me@example.org"}
        env = environment(tmp_path, **mail)
        first = nianbao(tmp_path, "nightly", env=env)
        assert first.returncode == 0 and not post.got, first.stderr
        site.down = True
        stale = nianbao(tmp_path, "nightly", env=env)
        assert stale.returncode == 4, stale.stderr
        assert "look: web-vsb is stale: the lists were not read whole" in stale.stdout
        strict = nianbao(tmp_path, "nightly", "--strict", env=env)
        by_setting = nianbao(tmp_path, "nightly", env=env | {"NIANBAO_STRICT": "true"})
        assert strict.returncode == by_setting.returncode == 2
        site.down = False
        again = nianbao(tmp_path, "nightly", env=env)
        assert again.returncode == 0 and "good again" in again.stdout, again.stdout
        assert nianbao(tmp_path, "nightly", env=env).returncode == 0
        said = subjects(post)
        assert len(said) == 4 and said[-1] == "nianbao: good again: web-vsb"
        assert all(one.startswith("nianbao: done, but look: web-vsb is stale") for one in said[:3])
        (tmp_path / "sources.yaml").write_text("sources: [")
        failed = nianbao(tmp_path, "nightly", env=env)
        assert failed.returncode == 3 and subjects(post)[-1] == "nianbao: the night failed"


def test_a_mail_that_cannot_be_sent_is_said_and_looked_at(site: Site, tmp_path: Path) -> None:
    mail = {"NIANBAO_SMTP": "127.0.0.1:1", "NIANBAO_NOTIFY": "me@example.org"}
    site.down = True
    ran = nianbao(tmp_path, "nightly", env=environment(tmp_path, **mail))
    assert ran.returncode == 4
    assert "look: no mail to me@example.org over 127.0.0.1:1: " in ran.stdout


def test_a_damaged_file_of_the_vault_is_told_and_fetched_again(site: Site, tmp_path: Path) -> None:
    """One byte is changed, so that its size tells nothing, and all is read again."""
    env = environment(tmp_path)
    assert nianbao(tmp_path, "nightly", env=env).returncode == 0
    with connect(tmp_path / "w.duckdb") as con:
        ((place,),) = con.execute("SELECT min(vault_path) FROM documents").fetchall()
    broken = tmp_path / "vault" / place
    whole = broken.read_bytes()
    broken.chmod(0o644)
    broken.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    for name in ("w.duckdb", "w.duckdb.history"):
        (tmp_path / name).unlink()
    told = nianbao(tmp_path, "nightly", env=env)
    assert told.returncode == 4 and f"{broken.name}: this file of the vault" in told.stdout
    assert not broken.exists() and (tmp_path / "vault" / "damaged" / broken.name).exists()
    mended = nianbao(tmp_path, "nightly", env=env)
    assert mended.returncode == 0 and broken.read_bytes() == whole, mended.stdout
    assert "0 failed" in mended.stdout or "failed" not in mended.stdout


def test_a_night_in_which_most_cannot_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "input"
    folder.mkdir()
    for n in range(3):
        (folder / f"{n}.docx").write_bytes(b"no report %d" % n)
    env = environment(tmp_path, NIANBAO_INPUT=str(folder))
    (tmp_path / "sources.yaml").write_text("sources: []")
    ran = nianbao(tmp_path, "nightly", env=env)
    assert ran.returncode == 4, ran.stderr
    assert "look: 3 of 3 documents that were new or read again could not be read" in ran.stdout
    assert nianbao(tmp_path, "nightly", env=env).returncode == 0, "told once, not every night"
