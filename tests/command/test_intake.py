"""What a file says, in whatever bytes it was saved."""

import pytest

from grader.command.intake import read

TEXT = "# -*- coding: {} -*-\nprice = '3 € für Ása'\n"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (TEXT.format("cp1252").encode("cp1252"), TEXT.format("cp1252")),
        (b"\n" + TEXT.format("utf-8").encode(), "\n" + TEXT.format("utf-8")),
        ("\ufeffname = 'é'".encode(), "name = 'é'"),
        ("name = 'é'".encode("utf-16"), "name = 'é'"),
        ("# coding: nothing\nname = 'é'".encode(), "# coding: nothing\nname = 'é'"),
        ("# coding: rot13\nname = 'é'".encode(), "# coding: rot13\nname = 'é'"),
        ("name = '\N{REPLACEMENT CHARACTER}'".encode(), "name = '\N{REPLACEMENT CHARACTER}'"),
    ],
)
def test_a_file_is_read_as_python_reads_it(tmp_path, capsys, content, text):
    (tmp_path / "a.py").write_bytes(content)
    assert read(tmp_path / "a.py") == text
    assert capsys.readouterr().err == ""


def test_characters_that_cannot_be_read_are_told(tmp_path, capsys):
    (tmp_path / "a.py").write_bytes("name = 'é', 'ü'".encode("cp1252"))
    assert read(tmp_path / "a.py").count("\N{REPLACEMENT CHARACTER}") == 2
    assert "2 characters cannot be read as utf-8" in capsys.readouterr().err.replace("\n", " ")
