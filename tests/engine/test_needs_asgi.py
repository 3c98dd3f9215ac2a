"""An app of a submission behind ASGI: lifespan, requests, concurrency, streams, errors; a bare app and FastAPI."""

from collections.abc import Iterator

import pytest

from grader.engine import Assignment, Engine, Task

SHIPPED = """import marimo

app = marimo.App()


@app.function
def service(start=0):
    raise NotImplementedError


@app.cell
def _():
    app = None
    return (app,)
"""
BARE = """import asyncio
    import json

    seen = []
    meeting = {"waiting": 0, "all": asyncio.Event()}

    async def app(scope, receive, send):
        assert scope["type"] == "http", "no lifespan here"
        body, more = b"", True
        while more:
            message = await receive()
            seen.append(len(message["body"]))
            body, more = body + message["body"], message["more_body"]
        if scope["path"] == "/broken":
            raise ZeroDivisionError("on purpose")
        if scope["path"] == "/meet":  # answers when three are there
            meeting["waiting"] += 1
            if meeting["waiting"] == 3:
                meeting["all"].set()
            await meeting["all"].wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"X-Query", scope["query_string"])]})
        for part in (body, json.dumps(seen).encode()):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})
"""
FASTAPI = """from contextlib import asynccontextmanager

    from fastapi import FastAPI, Header
    from pydantic import BaseModel

    class Card(BaseModel):
        name: str
        hp: int

    @asynccontextmanager
    async def lifespan(api):
        api.state.count = start
        yield
        if api.state.count > 5:
            raise RuntimeError("too many")

    api = FastAPI(lifespan=lifespan)

    @api.post("/cards")
    async def cards(card: Card, x_shop: str = Header("none")):
        api.state.count += 1
        return {"name": card.name, "count": api.state.count, "shop": x_shop}

    @api.get("/slow/{number}")
    def slow(number: int):
        return {"number": number}

    return api"""
CHECKS = """
from grader.engine import Request, checks, expect

@checks("bare")
def test_bare(submission):
    with submission.asgi("app") as client:
        response = client.request("PUT", "/x?q=1", body=[b"ab", b"cde"])
        expect(response.status == 200 and response.headers["x-query"] == "q=1", "200")
        expect(response.chunks == (b"abcde", b"[2, 3]"), "both parts", because=str(response.chunks))
        three = client.gather([Request("GET", "/meet")] * 3)
        expect([one.status for one in three] == [200] * 3, "three answers")
        expect(0 <= three[0].seconds <= client.seconds, "seconds")
        broken = client.get("/broken")
        expect(broken.status == 500 and broken.error.type == "ZeroDivisionError", "500", because=str(broken))

@checks("fastapi")
def test_fastapi(submission):
    with submission.asgi("service") as client:
        for count in (1, 2):
            answer = client.post("/cards", json={"name": "Onix", "hp": 3}, headers={"X-Shop": "Pewter"})
            expect(answer.json() == {"name": "Onix", "count": count, "shop": "Pewter"}, "state", because=answer.text)
        expect(client.post("/cards", json={"name": "Onix"}).status == 422, "422")
        expect(client.get("/nowhere").status == 404 and client.get("/slow/7").json() == {"number": 7}, "404")

@checks("fastapi")
def test_arguments(submission):
    with submission.asgi("service", 4) as client:
        answer = client.post("/cards", json={"name": "Onix", "hp": 3})
        expect(answer.json()["count"] == 5, "the fifth", because=answer.text)

@checks("fastapi")
def test_many(submission):
    with submission.asgi("service") as client:
        answers = client.gather([Request("POST", "/cards", json={"name": "Onix", "hp": n}) for n in range(9)])
        expect(len(answers) == 9, "nine")
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("checks")
    (folder / "test_asgi.py").write_text(CHECKS)
    tasks = (Task("bare", "Bare", "app", 10), Task("fastapi", "FastAPI", "service", 10))
    with Engine(Assignment("asgi", tasks, folder, SHIPPED, preload=("fastapi",))) as engine:
        yield engine


def notebook(bare: str = "app = None", fastapi: str = "raise NotImplementedError") -> str:
    return SHIPPED.replace("app = None", bare).replace("raise NotImplementedError", fastapi)


def test_as_handed_out_nothing_is_attempted(engine):
    assert {task["verdict"] for task in engine.grade(SHIPPED)["tasks"]} == {"not_attempted"}


def test_a_bare_app(engine):
    (task,) = engine.grade(notebook(bare=BARE), tasks=["bare"])["tasks"]
    assert task["verdict"] == "passed", task["checks"]


def test_fastapi_with_its_lifespan(engine):
    (task,) = engine.grade(notebook(fastapi=FASTAPI), tasks=["fastapi"])["tasks"]
    first, given, many = task["checks"]
    assert first["verdict"] == given["verdict"] == "passed", (first, given)
    assert many["verdict"] == "error" and "too many" in many["message"]  # raised at its shutdown


def test_what_is_wrong_is_shown_with_the_request(engine):
    wrong = FASTAPI.replace("hp: int", "hp: int = 1")
    (task,) = engine.grade(notebook(fastapi=wrong), tasks=["fastapi"])["tasks"]
    message = task["checks"][0]["message"]
    assert task["checks"][0]["verdict"] == "failed"
    assert "POST /cards" in message and "'name': 'Onix'" in message and "200 " in message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("api.state.count = start", "raise OSError('no disk')", "no disk"),
        ("return api", "return 5", "not an ASGI app"),
        ("    def slow", "    def slow_", "passed"),
        ('return {"number": number}', "import time; time.sleep(60)", "no answer within"),
    ],
)
def test_failures_of_an_app_are_sentences(engine, old, new, words):
    text = notebook(fastapi=FASTAPI.replace(old, new).replace("> 5", "> 50"))
    (task,) = engine.grade(text, tasks=["fastapi"], live=True)["tasks"]
    assert words in task["verdict"] + task["checks"][0]["message"].lower().replace("asgi", "ASGI")
