"""`nianbao release` and `nianbao diff` through the command line."""

import json
from pathlib import Path

from tests.build.samples import SAMPLES
from tests.flows.command import nianbao


def test_a_release_and_what_changed_since(tmp_path: Path) -> None:
    run = nianbao(tmp_path, "run", SAMPLES / "2019-txt-dump.txt")
    assert run.returncode == 0, run.stderr
    made = nianbao(tmp_path, "release", tmp_path / "releases")
    [folder] = (tmp_path / "releases").iterdir()
    assert (made.returncode, made.stdout) == (0, f"{folder}: released\n"), made.stderr
    again = nianbao(tmp_path, "release", tmp_path / "releases")
    assert again.stdout.endswith("no row has changed since this release; none was made\n")
    nianbao(tmp_path, "run", SAMPLES / "2019-txt-pipes.txt")
    told = nianbao(tmp_path, "diff", folder, tmp_path / "w.duckdb", "--json")
    assert told.returncode == 0, told.stderr
    [added] = json.loads(told.stdout)["reports"]["added"]
    assert added["agency_id"] == "平潭综合实验区财政金融局"
    words = nianbao(tmp_path, "diff", folder, tmp_path / "w.duckdb", "--lang", "zh").stdout
    assert "- 新增报告: 1\n" in words
    missing = nianbao(tmp_path, "diff", tmp_path / "none", folder)
    assert missing.returncode == 2 and "there is no such file" in missing.stderr
