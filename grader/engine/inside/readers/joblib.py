"""What joblib or pickle has written: the object itself."""

from pathlib import Path

import joblib


def read(path: Path) -> object:
    return joblib.load(path)
