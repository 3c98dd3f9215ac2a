"""An ONNX model, ready to run: `predict(table)` takes what becomes one array, or an array for each input."""

from pathlib import Path

import numpy as np
import onnxruntime


class Model:
    """A session of ONNX Runtime with data in and data out."""

    def __init__(self, path: Path):
        self._session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
        self.inputs = [(given.name, given.type, list(given.shape)) for given in self._session.get_inputs()]
        self.outputs = [made.name for made in self._session.get_outputs()]

    def run(self, inputs: dict[str, object]) -> dict[str, object]:
        """Return the outputs by name for the inputs by name."""
        given = {name: np.asarray(value) for name, value in inputs.items()}
        return dict(zip(self.outputs, self._session.run(None, given), strict=True))


def read(path: Path) -> Model:
    return Model(path)
