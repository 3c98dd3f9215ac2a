"""The runs in the SQLite store of MLflow: what was noted there, which is a claim until it is computed again."""

import sqlite3
from contextlib import closing
from pathlib import Path

MOST = 10_000  # runs, and values of each kind for a run

_RUNS = """
SELECT runs.run_uuid AS id, runs.name, runs.status, experiments.name AS experiment, runs.start_time, runs.end_time
FROM runs LEFT JOIN experiments ON experiments.experiment_id = runs.experiment_id
WHERE runs.lifecycle_stage = 'active' ORDER BY runs.start_time, runs.run_uuid LIMIT ?
"""


def read(path: Path) -> list[dict]:
    """Return the runs that are not deleted, the oldest first.

    Each has `id`, `name`, `status`, `experiment`, `start_time` and `end_time` (milliseconds), and the mappings
    `params`, `metrics` (the last value of each), `logged` (how many values of each metric) and `tags`.
    """
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as store:
        store.row_factory = sqlite3.Row
        runs = [dict(row) for row in store.execute(_RUNS, (MOST,))]
        for run in runs:
            for name, table in (("params", "params"), ("metrics", "latest_metrics"), ("tags", "tags")):
                rows = store.execute(
                    f"SELECT key, value FROM {table} WHERE run_uuid = ? LIMIT {MOST}", (run["id"],)
                )
                run[name] = {key: value for key, value in rows}
            run["logged"] = dict(
                store.execute(
                    f"SELECT key, COUNT(*) FROM metrics WHERE run_uuid = ? GROUP BY key LIMIT {MOST}",
                    (run["id"],),
                )
            )
    return runs
