"""A vault that is open for one test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from extract.crawl.vault.store import Vault
from tests.extract.crawl.vault.keeping import Clock


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault(tmp_path / "vault", Clock()) as opened:
        yield opened
