"""What was predicted and what it turned out to be, as JSON lines: the monitor and the next training read it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson


class Journal:
    """Appends lines to one file a day. A full disk costs lines, never an answer."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._predictions: list[dict] = []

    def write(self, kind: str, lines: list[dict]) -> bool:
        """Append to today's file of this kind (`predictions` or `feedback`); false where the disk refused."""
        now = datetime.now(UTC)
        text = b"".join(orjson.dumps({"at": now, **line}, option=orjson.OPT_APPEND_NEWLINE) for line in lines)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / f"{kind}-{now:%Y-%m-%d}.jsonl").open("ab", buffering=0) as file:
                return file.write(text) == len(text)
        except OSError:
            return False

    def note(self, lines: list[dict], lost: Callable[[int], None]) -> None:
        """Append predictions in the loop's next turn: requests that were answered together share one write.

        Where the disk refuses, `lost` is called with the number of lines.
        """
        if not self._predictions:
            asyncio.get_running_loop().call_soon(self._flush, lost)
        self._predictions += lines

    def _flush(self, lost: Callable[[int], None]) -> None:
        lines, self._predictions = self._predictions, []
        if not self.write("predictions", lines):
            lost(len(lines))
