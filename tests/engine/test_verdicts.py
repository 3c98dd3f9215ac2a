"""The verdicts and the feedback of the engine, through its public face, at each isolation level."""

from dataclasses import replace

import pytest

from grader.engine import BrokenChecks, Engine
from tests.conftest import ANSWERS, ASSIGNMENT, SHIPPED, grade, notebook


def test_right_answers_get_full_marks(engine):
    result = engine.grade(notebook(), name="mine.py")
    assert [task["verdict"] for task in result["tasks"]] == ["passed", "passed", "review"]
    assert result["score"] == result["max_score"] == 35
    assert result["review"] == {"max": 3, "awarded": None}
    assert (result["submission"], result["unit"], result["isolation"]) == ("mine.py", "toy", engine.isolation)


def test_as_shipped_nothing_is_attempted(engine):
    reformatted = SHIPPED.replace(
        '    raise NotImplementedError("total")', "    # nothing yet\n    raise NotImplementedError('total')"
    ).replace('"""Add up."""', '"""Sum."""')
    for text in (SHIPPED, reformatted):
        result = engine.grade(text)
        assert [task["verdict"] for task in result["tasks"]] == ["not_attempted"] * 3
        assert result["score"] == 0


def test_a_wrong_answer_is_shown_with_the_smallest_input(engine):
    task = grade(engine, total="return sum(n for n in numbers if n < 50)")["1"]
    gate, shown, hidden = task["checks"]
    assert (task["verdict"], task["score"]) == ("failed", 0)
    assert gate["verdict"] == "passed" and gate["max_score"] == 0
    assert "numbers = [50]" in shown["message"] and "It returned 0" in shown["message"]
    assert "Expected: 50" in shown["message"] and "Reread “Sums”" in shown["message"]
    assert not any(digit in hidden["message"] for digit in "0123456789")


def test_passed_checks_keep_their_points_and_gates_take_all(engine):
    assert grade(engine, total="return min(sum(numbers), 2999)")["1"]["score"] == 7.5
    gated = grade(engine, total="return sum(numbers) if numbers else None")["1"]
    assert gated["score"] == 0 and [check["verdict"] for check in gated["checks"]] == [
        "failed",
        "not_run",
        "not_run",
    ]


@pytest.mark.parametrize("body", ["return None", "return 0", "return numbers", "return ''", "return {}"])
def test_constants_and_identity_score_nothing(engine, body):
    assert grade(engine, tasks=["1"], total=body)["1"]["score"] == 0


def test_errors_name_the_line(engine):
    task = grade(engine, tasks=["1"], total="x = numbers[7]\nreturn sum(numbers)")["1"]
    assert task["verdict"] == "error"
    assert "IndexError" in task["checks"][0]["message"] and "x = numbers[7]" in task["checks"][0]["message"]


def test_a_change_of_the_argument_is_noticed(engine):
    message = grade(engine, tasks=["1"], total="numbers.sort()\nreturn sum(numbers)")["1"]["checks"][1][
        "message"
    ]
    assert "the list was changed" in message


@pytest.mark.parametrize("change", ["os.chdir('/')", "os.environ['TZ'] = 'Asia/Tokyo'"])
def test_a_change_of_the_process_is_noticed(engine, change):
    message = grade(engine, tasks=["1"], total=f"import os\n{change}\nreturn sum(numbers)")["1"]["checks"][1][
        "message"
    ]
    assert "changed: ['working directory']" in message or "changed: ['environment variables']" in message


def test_an_answer_that_depends_on_earlier_calls_is_called_so(engine):
    body = "globals()['n'] = n = globals().get('n', 0) + 1\nreturn sum(numbers) + (n > 9)"
    assert "depends on earlier calls" in grade(engine, tasks=["1"], total=body)["1"]["checks"][1]["message"]


def test_needs_block_what_follows(engine):
    tasks = grade(engine, total="return 0")
    assert tasks["3"]["verdict"] == "blocked" and "1" in tasks["3"]["checks"][0]["message"]
    assert tasks["2"]["verdict"] == "passed"


def test_what_a_check_records_stands_in_its_result(engine):
    first, *others = grade(engine, tasks=["1"])["1"]["checks"]
    assert first["figures"] == {"tried": 1} and not any("figures" in check for check in others)


def test_live_runs_less_and_says_so(engine):
    task = grade(engine, live=True)["2"]
    assert (task["verdict"], task["remaining"], task["score"]) == ("passed", 1, 10)


def test_pandas_is_as_good_as_polars_and_a_cell_as_good_as_a_function(engine):
    text = notebook(double="return table.to_pandas().assign(a=lambda frame: frame['a'] * 2)")
    text = text.replace("@app.function\ndef double", "@app.cell\ndef _(pl):\n    factor = 2\n    def double")
    start = text.index("    def double")
    end = text.index("@app.function", start)
    inner = "\n".join(
        "    " + line if line and n else line for n, line in enumerate(text[start:end].split("\n"))
    )
    text = text[:start] + inner.rstrip() + "\n    return (double,)\n\n\n" + text[end:]
    assert engine.grade(text, tasks=["2"])["score"] == 20


def test_the_cells_of_a_running_notebook_get_the_same_verdict(engine):
    definition = "def total(numbers):\n    " + ANSWERS["total"]
    assert engine.grade(["import polars as pl", definition, "total([1])"], tasks=["1"])["score"] == 10


def test_what_is_hidden_is_not_there(engine):
    body = (
        "import shop\ntry:\n    import shop.truth\nexcept ImportError:\n    return sum(numbers)\nreturn None"
    )
    assert grade(engine, tasks=["1"], total=body)["1"]["score"] == 10


def test_the_secret_changes_the_seeds_and_nothing_else(monkeypatch):
    monkeypatch.setenv("DOJO_SECRET", "another")
    with Engine(ASSIGNMENT, "process") as engine:
        assert engine.grade(notebook(), tasks=["1"])["score"] == 10


def test_checks_that_cannot_be_run_are_refused_in_a_sentence(tmp_path):
    (tmp_path / "test_none.py").write_text("def test_x(): pass\n")
    with Engine(replace(ASSIGNMENT, checks=tmp_path)) as engine, pytest.raises(BrokenChecks, match="@checks"):
        engine.grade(notebook())
    (tmp_path / "test_none.py").write_text("import no_such_thing\n")
    with (
        Engine(replace(ASSIGNMENT, checks=tmp_path)) as engine,
        pytest.raises(BrokenChecks, match="no_such_thing"),
    ):
        engine.grade(notebook())


def test_what_a_library_adds_to_the_environment_is_no_change_and_an_odd_space_is_no_trouble(engine):
    body = "import os\nos.environ['SOME_LIBRARY'] = '1'\nreturn sum(numbers) + int(f\"{'0'.replace('\u00a0', '')}\")"
    assert grade(engine, tasks=["1"], total=body)["1"]["verdict"] == "passed"
