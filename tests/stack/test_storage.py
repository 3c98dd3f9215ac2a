"""MLflow with PostgreSQL and S3 in place of SQLite and a folder (P-1).

They are Debian's PostgreSQL and moto's S3; the test needs `python install.py --extra storage` and `--lab stack`.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from cardshop.stack import storage
from cardshop.stack.operations import free_ports
from cardshop.stack.settings import Settings

from .test_stack import BODY, cardshop, processes_of, until
from .tools import tool

PASSWORD = "not-for-ps"


@pytest.fixture(scope="module")
def database():
    """The URI of an empty database on a PostgreSQL server of its own."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    as_user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}  # it refuses root
    with tempfile.TemporaryDirectory() as home:  # not pytest's folder, which only root may enter
        secret = Path(home, "secret")
        secret.write_text(PASSWORD)
        if as_user:
            shutil.chown(home, **as_user), shutil.chown(secret, **as_user)
        options = ("--username=shop", f"--pwfile={secret}", "--auth=scram-sha-256", "--no-sync")
        made = subprocess.run(
            [programs[-1] / "initdb", *options, f"--pgdata={home}/data"],
            **as_user,
            cwd=home,
            capture_output=True,
            text=True,
        )
        assert made.returncode == 0, made.stderr
        (port,) = free_ports(1)
        command = [programs[-1] / "postgres", "-D", f"{home}/data", "-p", str(port), "-k", home, "-F"]
        with running([*command, "-h", "127.0.0.1"], port, **as_user, cwd=home):
            yield f"postgresql://shop:{PASSWORD}@127.0.0.1:{port}/postgres"


@pytest.fixture(scope="module")
def bucket():
    """A client of an S3 server of its own, which has the bucket `models`; whoever is started meanwhile finds it too."""
    boto3 = pytest.importorskip("boto3")
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    access = {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (access | {"MLFLOW_S3_ENDPOINT_URL": url}).items():
            patch.setenv(name, value)
        with running([tool("moto_server"), "-H", "127.0.0.1", "-p", str(port)], port):
            client = boto3.client("s3", endpoint_url=url)
            client.create_bucket(Bucket="models")
            yield client


@contextmanager
def running(command: list, port: int, **options):
    """A server while it is needed."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    try:
        until(lambda: server.poll() is not None or _listens(port), "a server")
        assert server.poll() is None, f"{command[0]} has ended with {server.returncode}"
        yield
    finally:
        server.send_signal(signal.SIGINT)  # PostgreSQL then waits for no client
        server.wait(30)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_runs_lie_in_postgresql_and_models_in_s3(database, bucket, tmp_path):
    psycopg = pytest.importorskip("psycopg")
    names = ("service", "mlflow", "monitor", "prometheus")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    options = [part for name, port in ports.items() for part in (f"--{name}-port", port)]
    try:
        places = ("--database", database, "--artifacts", "s3://models/shop")
        started = cardshop("up", "--folder", tmp_path, *options, *places)
        assert started.returncode == 0, started.stderr
        assert not [one for one in psutil.process_iter(["cmdline"]) if PASSWORD in str(one.info["cmdline"])]
        trained = cardshop("train", "--folder", tmp_path)
        assert trained.returncode == 0, trained.stdout + trained.stderr
        url = f"http://127.0.0.1:{ports['service']}/v1/predict"

        def version() -> str:
            return httpx.post(url, json=BODY, trust_env=False).raise_for_status().json()["model"]["version"]

        until(lambda: version() == "2", "an answer of the second model")
    finally:
        stopped = cardshop("down", "--folder", tmp_path)
    assert stopped.returncode == 0 and processes_of(tmp_path) == []
    with psycopg.connect(database) as connection:
        rows = connection.execute("select run_uuid, status, artifact_uri from runs").fetchall()
        versions = connection.execute(
            "select version, run_id from model_versions order by version"
        ).fetchall()
    runs = {run for run, _, _ in rows}
    assert len(runs) == 2 and {status for _, status, _ in rows} == {"FINISHED"}
    assert all(place.startswith("s3://models/shop/") for _, _, place in rows)
    assert [number for number, _ in versions] == [1, 2] and {run for _, run in versions} == runs
    stored = [one["Key"] for one in bucket.list_objects_v2(Bucket="models", Prefix="shop/")["Contents"]]
    assert sum(key.endswith("/MLmodel") for key in stored) == 2
    assert not (tmp_path / "mlflow.db").exists() and not (tmp_path / "artifacts").exists()


@pytest.mark.parametrize(
    ("places", "told"),
    [
        (
            {"database": "postgresql://shop:hidden@127.0.0.1:1/mlflow"},
            "shop:***@127.0.0.1:1/mlflow cannot be",
        ),
        ({"database": "shop.db"}, "looks like postgresql://user@host/name"),
        ({"database": "mysql://shop@127.0.0.1/mlflow"}, "`python install.py --extra storage`"),
        ({"artifacts": "s3://nowhere/shop"}, "The specified bucket does not exist"),
        ({"artifacts": "gs://models/shop"}, "--artifacts needs it"),
    ],
    ids=["closed", "no URI", "no driver", "no bucket", "no client"],
)
def test_a_place_that_cannot_be_used_is_named_before_anything_starts(bucket, tmp_path, places, told):
    pytest.importorskip("psycopg")
    assert told in storage.trouble(Settings(folder=tmp_path, **places))


def test_the_command_says_it_too(tmp_path):
    refused = cardshop("up", "--folder", tmp_path, "--database", "shop.db")
    assert refused.returncode == 2 and "--database is not the URI" in refused.stderr
    assert "Traceback" not in refused.stderr and list(tmp_path.iterdir()) == [tmp_path / "lock"]
