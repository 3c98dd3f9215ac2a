"""Where MLflow keeps the runs of lessons and exercises."""

from cardshop.world.store import DATA


def store() -> str:
    """Return the URI of the SQLite store in the learner's folder."""
    DATA.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{DATA / 'mlruns.db'}"
