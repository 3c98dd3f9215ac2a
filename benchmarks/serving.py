"""The service against what one would use instead: the same model on the same machine, in one run.

    python benchmarks/serving.py [--seconds 5]

Ours: the service with everything switched on (limits, metrics, logs, journal, rollout). Bare: an ASGI app that does
nothing but predict, with the same predictor on the same server. Naive: FastAPI as tutorials show it, a table of pandas
for each request. MLflow: `mlflow models serve`. One process each; a card in each request; 1 and 16 connections in turn.
Run it on an idle machine: on a busy one even the ratios differ by half from run to run.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from cardshop import world
from cardshop.training import job
from cardshop.training.registry import Registry
from grader.course.port import free_port

CARD = {
    "card_id": "KND-001",
    "species_number": 25,
    "rarity": "Rare",
    "hp": 60,
    "attack": 55,
    "defense": 40,
    "special_attack": 50,
    "special_defense": 50,
    "speed": 90,
    "legendary": False,
    "text": "Static",
}
ONE_THREAD = {"OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}
BARE = """
import os, orjson
from cardshop.serving.schemas import Card, table
from cardshop.training.registry import Registry, Version
from pathlib import Path

predictor = Registry(os.environ["URI"], Path(os.environ["KEPT"])).fetch(Version("card-type", "1", "", ""))
predictor.warm_up()

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    body = b""
    while (message := await receive()).get("more_body"):
        body += message["body"]
    body += message.get("body", b"")
    shares = [[]] if not body else predictor.probabilities(
        table([Card.model_validate(card) for card in orjson.loads(body)["cards"]])).tolist()
    answer = orjson.dumps(shares)
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-length", str(len(answer)).encode())]})
    await send({"type": "http.response.body", "body": answer})
"""
NAIVE = """
import os, mlflow, pandas as pd
from fastapi import FastAPI

model = mlflow.sklearn.load_model(os.environ["KEPT"] + "/card-type/1")
columns = mlflow.models.get_model_info(os.environ["KEPT"] + "/card-type/1").signature.inputs.input_names()
app = FastAPI()

@app.get("/ready")
def ready():
    return {}

@app.post("/v1/predict")
def predict(body: dict):
    table = pd.DataFrame(body["cards"]).reindex(columns=columns)
    return {"types": model.predict(table).tolist()}
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=float, default=5)
    seconds = options.parse_args().seconds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        registry = Registry(
            f"sqlite:///{folder / 'mlflow.db'}", folder / "models", (folder / "artifacts").as_uri()
        )
        trained = job.train(registry)
        registry.fetch(trained.version)
        (folder / "bare.py").write_text(BARE, encoding="utf-8")
        (folder / "naive.py").write_text(NAIVE, encoding="utf-8")
        rows = {
            name: measured(command, path, body, folder, seconds)
            for name, (command, path, body) in servers(folder, registry).items()
        }
    show(rows)


def servers(folder: Path, registry: Registry) -> dict[str, tuple[list[str], str, dict]]:
    """What is compared: how it is started (`{port}` is filled in), where it answers, and the body that it takes."""
    uvicorn = [
        sys.executable,
        "-m",
        "uvicorn",
        "--port",
        "{port}",
        "--no-access-log",
        "--log-level",
        "warning",
    ]
    cards = {"cards": [CARD]}
    columns = world.load("cards").drop("card_type").columns
    split = {"dataframe_split": {"columns": columns, "data": [[CARD.get(name) for name in columns]]}}
    model = str(registry.kept / "card-type" / "1")
    return {
        "ours": ([*uvicorn, "--factory", "cardshop.serving.app:create_app"], "/v1/predict", cards),
        "bare ASGI": ([*uvicorn, "--app-dir", str(folder), "bare:app"], "/v1/predict", cards),
        "naive FastAPI": ([*uvicorn, "--app-dir", str(folder), "naive:app"], "/v1/predict", cards),
        "mlflow models serve": (
            [
                sys.executable,
                "-m",
                "mlflow",
                "models",
                "serve",
                "-m",
                model,
                "-p",
                "{port}",
                "--env-manager",
                "local",
            ],
            "/invocations",
            split,
        ),
    }


def measured(command: list[str], path: str, body: dict, folder: Path, seconds: float) -> dict[str, float]:
    port = free_port()
    own = {
        "CARDSHOP_REGISTRY": f"sqlite:///{folder / 'mlflow.db'}",
        "CARDSHOP_KEPT": str(folder / "models"),
        "CARDSHOP_JOURNAL": str(folder / "journal"),
        "CARDSHOP_ROLLOUT": str(folder / "rollout"),
        "URI": f"sqlite:///{folder / 'mlflow.db'}",
        "KEPT": str(folder / "models"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",  # MLflow calls uvicorn by name
    }
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [part.format(port=port) for part in command],
            env=os.environ | ONE_THREAD | own,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=folder,
        )
    family = psutil.Process(process.pid)
    try:
        wait(f"http://127.0.0.1:{port}{path}", body, process, folder / "log")
        found = {}
        for connections in (1, 16):
            asyncio.run(load(port, path, body, connections, 1))  # warm
            times, spent = asyncio.run(load(port, path, body, connections, seconds))
            found |= {
                f"p50 {connections}": 1000 * statistics.median(times),
                f"p99 {connections}": 1000 * statistics.quantiles(times, n=100)[98],
                f"rate {connections}": len(times) / spent,
            }
        found["memory"] = (
            sum(one.memory_info().rss for one in [family, *family.children(recursive=True)]) / 1e6
        )
        return found
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait(url: str, body: dict, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            if httpx.post(url, json=body, timeout=10, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        if process.poll() is not None:
            raise SystemExit(
                f"{url} ended with {process.returncode} before it answered:\n{log.read_text()[-1500:]}"
            )
        time.sleep(0.2)
    raise SystemExit(f"{url} does not answer.")


async def load(
    port: int, path: str, body: dict, connections: int, seconds: float
) -> tuple[list[float], float]:
    """Ask on as many connections, each again as soon as it is answered; return the times and how long it took."""
    text = json.dumps(body).encode()
    fields = f"host: here\r\ncontent-type: application/json\r\ncontent-length: {len(text)}"
    request = f"POST {path} HTTP/1.1\r\n{fields}\r\n\r\n".encode() + text
    times: list[float] = []
    start = time.perf_counter()

    async def ask() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (begin := time.perf_counter()) < start + seconds:
            writer.write(request)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
            await reader.readexactly(int(length))
            assert b" 200 " in answer[:15], answer
            times.append(time.perf_counter() - begin)
        writer.close()

    await asyncio.gather(*(ask() for _ in range(connections)))
    return times, time.perf_counter() - start


def show(rows: dict[str, dict[str, float]]) -> None:
    table = Table("server", *(name for name in rows["ours"]), box=None)
    for name, row in rows.items():
        table.add_row(name, *(f"{value:,.1f}" for value in row.values()))
    console = Console()
    console.print(table)
    console.print("Milliseconds, requests a second, megabytes; 1 and 16 connections.")
    ours = rows["ours"]
    console.print(f"p50 against bare: {ours['p50 1'] / rows['bare ASGI']['p50 1']:.2f} times")
    for name in ("naive FastAPI", "mlflow models serve"):
        console.print(f"rate at 16 against {name}: {ours['rate 16'] / rows[name]['rate 16']:.1f} times")


if __name__ == "__main__":
    main()
