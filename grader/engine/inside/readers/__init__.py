"""Readers: our own code over files of a submission that are not plain text.

A reader is a module with `read(path, …)`, which returns data, or an object whose methods a check can call. It runs in a
worker that has seen nothing of the submission's notebook, with the files read-only. A pickle (joblib) runs whatever
code its author has put into it: what it answers is an answer like any other, never a fact about the file.
"""

import importlib
from pathlib import Path

from ..notebook import LoadError

BY_SUFFIX = {
    ".joblib": "joblib",
    ".pkl": "joblib",
    ".skops": "skops",
    ".onnx": "onnx",
    ".csv": "table",
    ".parquet": "table",
}


def read(name: str, file: str, question: dict) -> object:
    """Open a file of the working directory; `name` "" chooses the reader by the suffix. Raises LoadError.

    `question` are further arguments of the reader.
    """
    path = Path(file)
    if not path.is_file():
        raise LoadError(f"the submission has no file `{file}`")
    name = name or BY_SUFFIX.get(path.suffix, "")
    try:
        reader = importlib.import_module(f".{name or 'none'}", __name__)
    except ModuleNotFoundError as error:
        if error.name == f"{__name__}.{name or 'none'}":
            raise LoadError(
                f"there is no reader for `{file}`; there are {', '.join(sorted(_every()))}"
            ) from None
        raise LoadError(
            f"opening `{file}` takes {error.name}, which is not installed where this is graded; "
            f"name an extra with it in course.toml, or run: python -m pip install {error.name}"
        ) from None
    return reader.read(path, **question)


def _every() -> list[str]:
    return [file.stem for file in Path(__file__).parent.glob("*.py") if file.stem != "__init__"]
