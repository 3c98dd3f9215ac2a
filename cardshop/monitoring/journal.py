"""Reads the service's journal as it grows."""

from collections.abc import Iterator
from pathlib import Path

import orjson


class Tail:
    """The lines that one kind of journal file has gained since the last look; the first look reads everything.

    Files may lie in folders of the folder: on a cluster each replica of the service writes into its own.
    A line that is still being written waits for the next look; a broken one is counted in `broken` and left out.
    """

    def __init__(self, folder: Path, kind: str):
        self._folder, self._kind = folder, kind
        self._read: dict[Path, int] = {}
        self.broken = 0

    def __iter__(self) -> Iterator[dict]:
        for file in sorted(self._folder.rglob(f"{self._kind}-*.jsonl"), key=lambda file: (file.name, file)):
            start = self._read.get(file, 0)
            if file.stat().st_size <= start:
                continue
            with file.open("rb") as lines:
                lines.seek(start)
                for line in lines:
                    if not line.endswith(b"\n"):
                        break
                    start += len(line)
                    self._read[file] = start
                    try:
                        yield orjson.loads(line)
                    except orjson.JSONDecodeError:
                        self.broken += 1
