"""Run a notebook once as nobody's, then once more for each extreme of each control.

    DOJO_GATES=open python -m grader.authoring.rehearsal notebooks/01_data_engineering.py

in a process of its own: sockets to other hosts are closed. Prints JSON: `{"seconds": …, "faults": ["…"]}`; the
seconds are processor time. Only the cells that depend on the control run again. `rehearsed` starts that process and
gives it a limit.
"""

import importlib.util
import json
import math
import os
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import marimo as mo
from marimo._runtime import dataflow  # private interface: this module only
from marimo._runtime.exceptions import MarimoRuntimeException
from marimo._runtime.runner.by_refs import run_cell_sync

ROOT = Path(__file__).parents[2]
WAITS = 4  # times its limit that a run may take by the clock: others use the machine too
MANY = 12  # options of a dropdown that are all tried; of more, the first and the last


class Foreign(ConnectionError):
    """The notebook wanted to talk to another host."""


def rehearsed(path: Path, *, gates: str = "open", seconds: float = 60) -> list[str]:
    """Rehearse in a process of its own; a run that takes more than `seconds` of processor time is a fault too."""
    command = [sys.executable, "-m", __name__, str(path)]
    environment = {**os.environ, "DOJO_GATES": gates, "PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=WAITS * seconds
        )
        told = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        told = {"seconds": math.inf, "faults": []}
    except (IndexError, ValueError):
        return [f"{path.name}: the run ended early: {done.stderr[-800:]}"]
    if told["seconds"] > seconds:
        return [f"{path.name}: it does not run within {seconds:g} seconds"]
    return told["faults"]


def rehearse(path: Path) -> list[str]:
    """What goes wrong when the notebook at `path` runs; empty when nothing does."""
    try:
        with offline():
            app = _app(path)
            _outputs, results = app.run()
            defined = {**(app._setup._glbls if app._setup else {}), **results}
            return [
                fault
                for name, control in _controls(defined)
                for fault in _extremes(app, name, control, defined)
            ]
    except Exception as error:
        return [f"{path.name}: {_described(error)}"]


def extremes(control: mo.ui.slider) -> list[Any]:
    """The values of a control at which a cell is likeliest to fail."""
    if isinstance(control, mo.ui.slider):
        return [control.steps[0], control.steps[-1]] if control.steps else [control.start, control.stop]
    if isinstance(control, mo.ui.range_slider):
        low, high = (control.steps[0], control.steps[-1]) if control.steps else (control.start, control.stop)
        return [[low, low], [high, high], [low, high]]
    if isinstance(control, mo.ui.number):
        return [edge for edge in (control.start, control.stop) if edge is not None and math.isfinite(edge)]
    if isinstance(control, mo.ui.dropdown | mo.ui.radio):
        options = list(control.options.values())
        return options if len(options) <= MANY else [options[0], options[-1]]
    if isinstance(control, mo.ui.multiselect):
        return [[], list(control.options.values())]
    if isinstance(control, mo.ui.checkbox | mo.ui.switch | mo.ui.run_button):
        return [False, True]
    if isinstance(control, mo.ui.text | mo.ui.text_area):
        return [""]
    return []


@contextmanager
def offline() -> Iterator[None]:
    """Close the way to other hosts; this machine's own addresses stay open."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            raise Foreign(f"the notebook wanted to reach {address[0]}")
        connect(self, address)

    socket.socket.connect = guarded
    try:
        yield
    finally:
        socket.socket.connect = connect


def _app(path: Path) -> mo.App:
    specification = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[path.stem] = module
    specification.loader.exec_module(module)
    return module.app


def _controls(defined: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    from grader.page.card import Card

    for name, value in defined.items():
        if not isinstance(value, Card) and extremes(value):
            yield name, value


def _extremes(app: mo.App, name: str, control: Any, defined: dict[str, Any]) -> Iterator[str]:
    graph = app._graph
    reading = graph.get_referring_cells(name, language="python") - graph.get_defining_cells(name)
    affected = dataflow.topological_sort(graph, dataflow.transitive_closure(graph, reading))
    remade = set().union(*(graph.cells[cell_id].defs for cell_id in affected))
    before = control._value
    for value in extremes(control):
        control._value = value
        known = {ref: thing for ref, thing in defined.items() if ref not in remade}
        for cell_id in affected:
            refs = graph.cells[cell_id].refs
            if refs & remade - known.keys():
                continue  # a cell before it stopped, or failed
            try:
                _output, new = run_cell_sync(
                    graph, cell_id, {ref: known[ref] for ref in refs if ref in known}
                )
                known |= new
            except (Exception, MarimoRuntimeException) as error:
                yield f"with {name} at {value!r}: {_described(error)}"
    control._value = before


def _described(error: BaseException) -> str:
    error = error.__cause__ if error.__cause__ is not None else error
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].line})" if frames and frames[-1].line else ""
    return f"{type(error).__name__}: {error}{where}"


def main() -> int:
    """Rehearse the file named on the command line; 1 when something went wrong."""
    found = rehearse(Path(sys.argv[1]).resolve())
    print(json.dumps({"seconds": round(time.process_time(), 2), "faults": found}))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
