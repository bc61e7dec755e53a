"""The file of patterns: which cells a metric answers to, and what is refused."""

from pathlib import Path

import pytest

from data import ConfigError
from tests.transform.narrative.reports import FORMS
from transform.narrative.patterns import list_metric_cells, load_phrases


def test_every_metric_answers_to_cells_of_the_form() -> None:
    answers = {a.metric for a in list_metric_cells(FORMS) if a.edition in ("2019", "2021")}
    assert {m.metric for m in load_phrases().metrics} <= answers
    assert {
        (a.row_id, a.edition)
        for a in list_metric_cells(FORMS)
        if a.metric == "requests.other" and a.edition == "2019"
    } == {("other", "2019")}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{count}", "{nothing}", "not among the words"),
        ("{request}", "(", "no pattern"),
        ("test: carried", "test: nothing", "test"),
    ],
)
def test_a_wrong_pattern_is_refused(old: str, new: str, said: str, tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "data" / "statements.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(
        text[: text.index("metrics:")] + text[text.index("metrics:") :].replace(old, new, 1),
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match=rf"mine\.yaml:\d+: .*{said}"):
        load_phrases(tmp_path / "mine.yaml")
