"""What was predicted and what it turned out to be, as JSON lines: the monitor and the next training read it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import orjson


class Journal:
    """Appends lines to one file a day. A full disk costs lines, never an answer."""

    def __init__(self, folder: Path):
        self._folder = folder

    def write(self, kind: str, lines: Iterable[dict]) -> bool:
        """Append to today's file of this kind (`predictions` or `feedback`); false where the disk refused."""
        now = datetime.now(UTC)
        text = b"".join(orjson.dumps({"at": now, **line}, option=orjson.OPT_APPEND_NEWLINE) for line in lines)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / f"{kind}-{now:%Y-%m-%d}.jsonl").open("ab", buffering=0) as file:
                return file.write(text) == len(text)
        except OSError:
            return False
