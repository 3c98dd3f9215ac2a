"""A worker in an interpreter of its own: for cold workers, and where fork is not safe or absent."""

import json
import os

from . import sandbox, serve


def main(
    level: str, root: str, visible: list[str], preload: list[str], report: int | None, limits: dict
) -> None:
    """Isolate this process and answer the requests that arrive on standard input.

    `report` is the descriptor on which the trusted side learns which process to kill; None on Windows,
    where it already knows.
    """
    for name in preload:
        __import__(name)

    def tell(process: int) -> None:
        if report is not None:
            os.write(report, json.dumps({"process": process}).encode() + b"\n")

    requests, replies = serve.take_streams()
    serve.prepare()
    try:
        folder = sandbox.enter(level, root, visible, tell, sandbox.Limits(**limits))
        if report is not None:
            os.close(report)
        serve.serve(requests, replies, folder)
    except OSError:
        os._exit(1)
    os._exit(0)
