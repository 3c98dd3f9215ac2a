"""What submissions are called and say reaches the terminal as text, and nothing else."""

import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from grader.command import output

BAD = "a\x1b]0;title\x07b\x1b[31mc\u202ed\u2066e\x9b2Jf\rg\u2028h\x7fi"


def obeyed(text: str) -> set[str]:
    """The characters that a terminal would act on, but for line ends."""
    return {one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp") and one != "\n"}


def test_text_is_cleaned_and_ordinary_text_is_not_touched():
    assert not obeyed(output.clean(BAD)) and "\\x1b" in output.clean(BAD)
    assert output.line("a\nb\r\n") == "a\\nb\\r\\n"
    for fine in ("Pokémon", "漢字", "نص", "👩\u200d🔬", "two\nlines"):
        assert output.clean(fine) == fine


def test_whatever_is_printed_is_cleaned(capsys):
    result = {
        "submission": f"{BAD}\n100 of 100 points",
        "unit": "u",
        "isolation": "process",
        "seconds": 1,
        "score": 0,
        "max_score": 1,
        "review": None,
        "tasks": [
            {
                "id": "1",
                "title": BAD,
                "verdict": "error",
                "score": 0,
                "max_score": 1,
                "checks": [
                    {"name": BAD, "verdict": "error", "message": f"ValueError: {BAD}\n\ttwo :smile: [b]x[/b]"}
                ],
            }
        ],
    }
    output.show(result)
    output.warn(BAD)
    shown = capsys.readouterr()
    assert not obeyed(shown.out + shown.err)
    assert ":smile: [b]x[/b]" in shown.out
    assert [line for line in shown.out.splitlines() if "points" in line][0].startswith("a\\x1b")


@pytest.mark.skipif(sys.platform == "win32", reason="such names do not exist on Windows")
def test_hostile_file_names_reach_neither_stream(tmp_path):
    name = BAD.replace("/", "") + "\n100 of 100 points"
    for file in (f"{name}.zip", f"{name}.py"):
        (tmp_path / file).write_text("")
    os.mkfifo(tmp_path / f"{name}.fifo")
    command = [sys.executable, "-m", "grader.command", "grade"]
    for path in (tmp_path, tmp_path / f"{name}.fifo", tmp_path / f"{name}.gone"):
        done = subprocess.run([*command, path], capture_output=True, text=True, cwd=Path(__file__).parents[2])
        assert done.returncode == 2 and not done.stdout
        assert not obeyed(done.stderr) and not re.search("^100 of 100", done.stderr, re.MULTILINE)
