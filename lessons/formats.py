"""How a model leaves the notebook: five formats of the same answers, and what a pickle can do."""

import io
import pickle
import pickletools
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import joblib
import numpy as np
import onnxruntime
import polars as pl
import skops.io
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression
from xgboost import XGBClassifier

from cardshop import world
from cardshop.scorer import Scorer, seen


class Greeting:
    """An object whose pickle runs a call when it is read: `print`, and it could be any other."""

    def __reduce__(self) -> tuple:
        return print, ("Hello from inside the file.",)


def opened() -> tuple[list[str], str]:
    """The instructions in the pickle of a Greeting, and what reading it has printed."""
    content = pickle.dumps(Greeting(), protocol=2)
    told = [
        f"{step.name} {argument if argument is not None else ''}".strip()
        for step, argument, _ in pickletools.genops(content)
    ]
    said = io.StringIO()
    with redirect_stdout(said):
        pickle.loads(content)
    return told, said.getvalue().strip()


@cache
def fitted(seed: int = 0) -> tuple[LogisticRegression, XGBClassifier, np.ndarray]:
    """A linear model and a boosted one of the same cards, and the rows."""
    rows, labels = seen(world.load("cards", seed))
    rows = rows.astype(np.float32)  # as ONNX takes them
    linear = LogisticRegression(max_iter=300, C=10).fit(rows, labels)
    boosted = XGBClassifier(n_estimators=40, max_depth=3, n_jobs=1, random_state=0)
    return linear, boosted.fit(rows, np.unique(labels, return_inverse=True)[1]), rows


@cache
def table(seed: int = 0) -> pl.DataFrame:
    """Of each format: bytes, milliseconds to load, and the share of cards that get the same type afterwards."""
    linear, boosted, rows = fitted(seed)
    before, boosted_before = linear.predict(rows), boosted.predict(rows)

    def by_onnx(path: Path) -> Callable[[np.ndarray], np.ndarray]:
        session = onnxruntime.InferenceSession(path)
        return lambda given: session.run(None, {"X": given})[0]

    def by_scorer(path: Path) -> Callable[[np.ndarray], np.ndarray]:
        scorer = Scorer.read(path.parent)
        return lambda given: np.array(scorer.types)[
            scorer.probabilities(given[:, :6] * 100, given[:, 6:]).argmax(axis=1)
        ]

    def by_xgboost(path: Path) -> Callable[[np.ndarray], np.ndarray]:
        model = XGBClassifier()
        model.load_model(path)
        return model.predict

    with TemporaryDirectory() as place:
        folder = Path(place)
        joblib.dump(linear, folder / "model.joblib")
        skops.io.dump(linear, folder / "model.skops")
        onnx = to_onnx(linear, rows[:1], options={"zipmap": False})
        (folder / "model.onnx").write_bytes(onnx.SerializeToString())
        Scorer("1", [str(one) for one in linear.classes_], linear.coef_, linear.intercept_).write(folder)
        boosted.save_model(folder / "model.ubj")
        loaders = {
            "pickle (joblib)": ("model.joblib", lambda path: joblib.load(path).predict, before),
            "skops": ("model.skops", lambda path: skops.io.load(path).predict, before),
            "ONNX": ("model.onnx", by_onnx, before),
            "numbers (JSON)": ("scorer.json", by_scorer, before),
            "XGBoost's own": ("model.ubj", by_xgboost, boosted_before),
        }
        return pl.DataFrame(
            {"format": name, **_measured(folder / file, load, rows, answers)}
            for name, (file, load, answers) in loaders.items()
        )


def _measured(path: Path, load: Callable, rows: np.ndarray, answers: np.ndarray) -> dict[str, float]:
    """Of a file: its bytes, the best of three times to load it, and the share of rows with the same answer."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        predict = load(path)
        times.append(time.perf_counter() - start)
    same = float((predict(rows) == answers).mean())
    return {"bytes": path.stat().st_size, "load ms": 1000 * min(times), "same answers": same}
