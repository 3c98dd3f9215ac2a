"""The service keeps to its OpenAPI document, whatever is sent to it (P-3): schemathesis asks over real connections.

It needs `python install.py --lab stack`.
"""

import os
import subprocess
import sys

import httpx
import pytest

from cardshop.stack.operations import free_ports

from .test_stack import until
from .tools import tool

KEY = "a-key"


@pytest.fixture(scope="module")
def url(set_up, tmp_path_factory):
    """A service that asks for a key, in a process of its own."""
    (port,), home = free_ports(1), tmp_path_factory.mktemp("service")
    given = {"registry": set_up.registry, "kept": set_up.kept, "journal": home, "rollout": home}
    given |= {"api_keys": f'["{KEY}"]', "timeout": 30}  # seconds, since the machine may be busy
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "--factory", "cardshop.serving.app:create_app"]
        + ["--host", "127.0.0.1", "--port", str(port), "--no-access-log"],
        env=os.environ | {f"CARDSHOP_{name.upper()}": str(value) for name, value in given.items()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    place = f"http://127.0.0.1:{port}"
    try:
        until(lambda: server.poll() is not None or _is_ready(place), "a service")
        assert server.poll() is None
        yield place
    finally:
        server.terminate()
        server.wait(30)


def _is_ready(place: str) -> bool:
    try:
        return httpx.get(f"{place}/ready", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def test_every_answer_is_one_that_the_document_describes(url, tmp_path):
    told = subprocess.run(
        [tool("st"), "run", f"{url}/openapi.json", "--header", f"X-API-Key: {KEY}", "--no-color"]
        + ["--seed", "1", "--max-examples", "40", "--generation-database", "none", "--request-timeout", "30"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "Tested: 7" in told.stdout and "No issues found" in told.stdout


def test_the_document_says_which_calls_need_a_key_and_shows_a_card_that_is_answered(url):
    document = httpx.get(f"{url}/openapi.json", trust_env=False).json()
    with_key = {
        path for path, calls in document["paths"].items() for one in calls.values() if "security" in one
    }
    assert with_key == {"/v1/predict", "/v1/explain", "/v1/feedback"}
    assert document["components"]["securitySchemes"]["key"]["name"] == "X-API-Key"
    (card,) = document["components"]["schemas"]["Card"]["examples"]
    answer = httpx.post(
        f"{url}/v1/predict", json={"cards": [card]}, headers={"X-API-Key": KEY}, trust_env=False
    )
    assert answer.json()["predictions"][0]["card_type"] == "Lightning"
