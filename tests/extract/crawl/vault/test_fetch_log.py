"""The fetch log: what is torn is mended, what is broken is named."""

from pathlib import Path

import pytest

from extract.crawl.vault.store import Origin, Vault
from extract.crawl.vault.verify import verify
from tests.extract.crawl.vault.keeping import URL, Clock, answer, kinds, lines


@pytest.mark.parametrize(
    "tail",
    [
        b'{"address":"https://www.b',
        b"\0" * 300,
        b'{"a',
        '{"address":"年'.encode()[:-1],
        b"x" * 9000,
    ],
)
def test_a_torn_last_line_is_mended(tmp_path: Path, tail: bytes) -> None:
    with Vault(tmp_path, Clock()) as vault:
        vault.keep(answer(etag='"1"'), Origin(URL))
    path = tmp_path / "manifest" / "2026-11.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + tail)
    with Vault(tmp_path, Clock()) as vault:
        assert path.read_bytes() == whole
        vault.keep(answer(b"b"), Origin(f"{URL}?2"))
        assert len(list(vault.entries())) == 2
    assert len(lines(tmp_path)) == 2


def test_a_last_line_without_its_line_break_is_kept(tmp_path: Path) -> None:
    with Vault(tmp_path, Clock()) as vault:
        vault.keep(answer(), Origin(URL))
    path = tmp_path / "manifest" / "2026-11.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    (tmp_path / "index.sqlite").unlink()
    with Vault(tmp_path) as vault:
        assert path.read_bytes() == whole
        assert len(vault.versions(URL)) == 1


def _break_second_line(vault: Path) -> int:
    """Gives the position of the line in bytes."""
    path = vault / "manifest" / "2026-11.jsonl"
    first, second, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second[:50] + b"x" * (len(second) - 51) + b"\n" + third)
    return len(first)


@pytest.mark.parametrize("index_is_lost", [False, True])
def test_a_broken_line_in_the_middle_is_named_and_stops_no_night(
    tmp_path: Path, index_is_lost: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with Vault(tmp_path, Clock()) as vault:
        for n in range(3):
            vault.keep(answer(bytes([n])), Origin(f"{URL}?{n}"))
    position = _break_second_line(tmp_path)
    if index_is_lost:
        (tmp_path / "index.sqlite").unlink()
    with Vault(tmp_path, Clock()) as vault:
        faults = [fault for fault in verify(vault) if fault.kind == "log"]
        assert [fault.path.name for fault in faults] == ["2026-11.jsonl"]
        assert f"the line at byte {position} is damaged" in faults[0].detail
        assert "restore the file from a copy" in faults[0].detail
        assert bool(caplog.records) is index_is_lost, "it is said where it is read over"
        assert len(list(vault.entries())) == (2 if index_is_lost else 3)
        vault.keep(answer(bytes([1])), Origin(f"{URL}?1"))
        assert len(list(vault.entries())) == 3, "its address is fetched again"
        assert kinds(vault) == ["log"]


def test_a_broken_line_that_is_removed_is_forgotten(tmp_path: Path) -> None:
    with Vault(tmp_path, Clock()) as vault:
        for n in range(3):
            vault.keep(answer(bytes([n])), Origin(f"{URL}?{n}"))
    _break_second_line(tmp_path)
    path = tmp_path / "manifest" / "2026-11.jsonl"
    first, _, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + third)
    with Vault(tmp_path, Clock()) as vault:
        assert len(list(vault.entries())) == 2 and kinds(vault) == ["orphan"]
