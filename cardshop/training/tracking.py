"""MLflow as this project uses it: where lessons and exercises keep their runs, and that it reports to nobody."""

import os

from cardshop.world.store import DATA

QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
QUIET_SERVER = QUIET | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}  # two processes instead of ten
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # also here: read when mlflow is imported


def store() -> str:
    """Return the URI of the SQLite store in the learner's folder."""
    DATA.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{DATA / 'mlruns.db'}"
