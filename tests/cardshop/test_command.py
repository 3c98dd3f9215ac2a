import pytest
from typer.testing import CliRunner

from cardshop.command import app


def run(*arguments: object):
    return CliRunner().invoke(app, ["world", *map(str, arguments)])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["build", "--size", "huge"], "There is no size 'huge'"),
        (["build", "--size", "large", "--rows", "-1"], "A table cannot have -1 rows"),
        (["build", "--rows", "10"], "--rows sets the length of the large table"),
        (["build", "--part", "staff"], "There is no part 'staff': choose market, customers, credit"),
        (["build", "--part", "credit", "--size", "large"], "Credit has no large size"),
        (["digest", "--part", "staff"], "There is no part 'staff'"),
        (["build", "--seed", "-1"], "-1 is negative"),
        (["digest", "--seed", "-1"], "-1 is negative"),
    ],
)
def test_bad_input_gets_a_sentence_and_exit_code_2(arguments, sentence):
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr


def test_a_folder_that_cannot_be_written_gets_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    for arguments in (["build"], ["digest"], ["verify"]):
        result = run(*arguments, "--folder", tmp_path / "file")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "file" in result.stderr and "Traceback" not in result.stderr


def test_a_large_world_can_be_small(tmp_path):
    result = run("build", "--size", "large", "--rows", 1_000, "--folder", tmp_path)
    assert result.exit_code == 0, result.stderr
    assert list(tmp_path.glob("market-0-*/sales-large.parquet"))
    assert result.stdout.strip() == run("digest", "--folder", tmp_path).stdout.strip()
    assert (
        run(
            "build", "--part", "customers", "--size", "large", "--rows", 1_000, "--folder", tmp_path
        ).exit_code
        == 0
    )
    assert list(tmp_path.glob("customers-0-*/events-large.parquet"))
    verified = run("verify", "--folder", tmp_path)
    assert (verified.exit_code, verified.stdout.count("as recorded")) == (0, 3)
