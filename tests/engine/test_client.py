"""The client's side: what happens to a grading when its service is killed, or when nobody wants it any more."""

import threading
import time
from collections.abc import Iterator

import pytest

from grader.engine import BrokenChecks, Engine
from tests.conftest import ASSIGNMENT, grade

SLOW = "import time\ntime.sleep(0.02)\nreturn sum(numbers)"


@pytest.fixture
def own() -> Iterator[Engine]:
    with Engine(ASSIGNMENT, "process") as engine:
        _ = engine.isolation
        yield engine


def later(act: object, seconds: float = 0.3) -> None:
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()


def test_a_service_that_is_killed_once_costs_no_point(own):
    service = own._service
    later(service.kill)
    assert grade(own, tasks=["1"], total=SLOW)["1"]["verdict"] == "passed"
    assert service.poll() is not None and own._service is not service


def test_closing_ends_what_is_going_on(own):
    said: list[str] = []

    def graded() -> None:
        with pytest.raises(BrokenChecks) as caught:
            grade(own, total="while True:\n    pass")
        said.append(str(caught.value))

    thread = threading.Thread(target=graded)
    thread.start()
    time.sleep(0.3)
    start = time.monotonic()
    own.close()
    assert time.monotonic() - start < 8 and own._service is None
    thread.join(8)
    assert said == ["the grader was ended"]
