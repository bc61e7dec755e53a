"""What the vault does when its disk is full under the index, and when a file is not what its name
says.
"""

import json
from pathlib import Path

import pytest

from extract.crawl.http.messages import Response
from extract.crawl.vault.fetch_log import VaultError
from extract.crawl.vault.store import Origin, Vault
from extract.crawl.vault.verify import verify
from extract.crawl.vault.warc import export_warc


def _keep(vault: Vault, number: int) -> None:
    url = f"http://www.example.gov.cn/{number}.html"
    vault.keep(
        Response(url, 200, {"etag": f'"{number}"'}, f"paper {number}".encode()),
        Origin(url, source_id="one", role="page", text="年度报告" * 60),
    )


def test_an_index_that_cannot_grow_is_named_and_loses_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(
            VaultError,
            match=r"index\.sqlite: cannot be written \(database or disk is full\): free some space",
        ),
        Vault(tmp_path) as vault,
    ):
        pages = vault._index._db.execute("pragma page_count").fetchone()[0]
        vault._index._db.execute(f"pragma max_page_count = {pages + 20}")
        with pytest.raises(VaultError, match="disk is full"):
            for number in range(1_000):
                _keep(vault, number)
        # somebody makes room: what SQLite took back is still lost to this index
        vault._index._db.execute("pragma max_page_count = 100000")
        with pytest.raises(VaultError, match="disk is full"):
            _keep(vault, 1_000)
    lines = (
        path.read_text(encoding="utf-8").splitlines() for path in (tmp_path / "manifest").iterdir()
    )
    written = {json.loads(line)["address"] for of_month in lines for line in of_month}
    with Vault(tmp_path) as vault:
        assert {entry.address for entry in vault.entries()} == written and len(written) > 5
        # the file whose line did not come to be written
        assert {fault.kind for fault in verify(vault)} <= {"orphan"}
        _keep(vault, 1_000)


def test_a_damaged_file_goes_into_no_archive(tmp_path: Path) -> None:
    with Vault(tmp_path / "vault") as vault:
        _keep(vault, 1)
        (entry,) = vault.entries()
        path = vault.path(entry.sha256)
        path.chmod(0o644)
        path.write_bytes(b"Paper 1")  # as long as it was
        with pytest.raises(VaultError, match="missing or damaged"):
            export_warc(vault, tmp_path / "all.warc")
    assert [p.name for p in tmp_path.iterdir()] == ["vault"]
