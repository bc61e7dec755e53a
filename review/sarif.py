"""Judged drafts as SARIF 2.1.0 (OASIS, 2020-03-27), which editors and build servers show.

`as_sarif(drafts, lang)` gives one run: each rule that speaks is a rule of the tool, each finding a
result at its document, with the cells as logical locations (table|row|column). A draft that cannot
be read is a notification of the invocation, which then counts as failed.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from review.check_text import name_reason
from review.judged import Judged

_LEVELS: Final = {"error": "error", "warning": "warning", "info": "note"}
_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

Object = dict[str, Any]


def as_sarif(drafts: Sequence[Judged], lang: str) -> str:
    """The whole log."""
    rules = sorted({f["rule_id"] for judged in drafts for f in judged.findings})
    unread = [judged for judged in drafts if judged.reading.report is None]
    run = {
        "tool": {"driver": {"name": "nianbao", "rules": [{"id": rule} for rule in rules]}},
        "invocations": [
            {
                "executionSuccessful": not unread,
                "toolExecutionNotifications": [
                    {
                        "level": "error",
                        "message": {"text": name_reason(judged, lang)},
                        "locations": [_location(judged.file, ())],
                    }
                    for judged in unread
                ],
            }
        ],
        "results": [_result(j, f, lang) for j in drafts for f in j.findings],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=1)


def _result(judged: Judged, finding: Object, lang: str) -> Object:
    return {
        "ruleId": finding["rule_id"],
        "level": _LEVELS[finding["level"]],
        "message": {"text": finding[f"message_{lang}"]},
        "locations": [_location(judged.file, finding["cells"])],
        "partialFingerprints": {"nianbao/v1": finding["fingerprint"]},
    }


def _location(file: Path, cells: Sequence[str]) -> Object:
    uri = file.absolute().as_uri() if file.is_absolute() else file.as_posix()
    return {
        "physicalLocation": {"artifactLocation": {"uri": uri}},
        "logicalLocations": [{"fullyQualifiedName": cell} for cell in cells],
    }
