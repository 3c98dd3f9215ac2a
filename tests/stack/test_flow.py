"""The training job as a flow of Prefect, which has an environment of its own."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from .tools import ROOT, tool


def run(place: Path, seed: int) -> str:
    """Run the flow with a server of its own, and no way to another machine."""
    nowhere = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9") | {"no_proxy": "127.0.0.1"}
    done = subprocess.run(
        [
            *(tool("python", "prefect"), "-m", "cardshop.training.flow"),
            *("--seed", str(seed), "--folder", place / "stack"),
        ],
        env={**os.environ, **nowhere, "PREFECT_HOME": str(place / "prefect")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_flow_registers_models_and_fits_the_same_data_once(tmp_path):
    said = [run(tmp_path, seed) for seed in (0, 0, 1)]
    for number, text in enumerate(said, start=1):
        assert text.count("passed: ") == 6 and f" {number} is registered." in text, text
    with closing(sqlite3.connect(tmp_path / "stack" / "mlflow.db")) as store:
        rows = store.execute(
            "SELECT value FROM latest_metrics JOIN runs USING (run_uuid)"
            " WHERE key = 'seconds_to_fit' ORDER BY start_time"
        ).fetchall()
    first, again, other = (seconds for (seconds,) in rows)
    assert first == again != other, (
        "the second flow takes the first one's model, and other data are fitted anew"
    )
