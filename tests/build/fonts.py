"""Chinese fonts for programs that print the files of the tests; see tests/fonts/README.md."""

import shutil
import subprocess

import pytest


def require_chinese_font() -> None:
    """Fail the test where fontconfig has no Chinese font, and say what to install."""
    program = shutil.which("fc-list")
    if program is None:
        pytest.fail("fc-list is missing: sudo apt-get install fontconfig fonts-wqy-microhei")
    found = subprocess.run(
        [program, ":lang=zh-cn", "family"], capture_output=True, text=True, check=True
    )
    if not found.stdout.strip():
        pytest.fail(
            "this test needs a Chinese font: sudo apt-get install fonts-wqy-microhei "
            "(sets of fonts: tests/fonts/README.md)"
        )
