"""MLflow as this project uses it: where lessons and exercises keep their runs, and that it reports to nobody."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cardshop.world.store import DATA

QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
QUIET_SERVER = QUIET | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}  # two processes instead of ten
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # also here: read when mlflow is imported


def store() -> str:
    """Return the URI of the SQLite store in the learner's folder; make the store first where there is none.

    MLflow lays out a new database in some fifty steps, and whoever opens it meanwhile meets half a database. So it is
    laid out under another name and put in its place whole.
    """
    place = DATA / "mlruns.db"
    if not place.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=DATA, ignore_cleanup_errors=True) as folder:
            _lay_out(made := Path(folder) / "mlruns.db")
            with suppress(FileExistsError):  # another notebook was quicker
                os.link(made, place)
    return f"sqlite:///{place}"


def _lay_out(database: Path) -> None:
    import mlflow  # takes seconds

    mlflow.MlflowClient(f"sqlite:///{database}").search_experiments()
