"""Look at a notebook as a learner does: in a browser, wide and narrow, light and dark.

    python -m grader.authoring.browser notebooks/home.py --pictures build/pictures

Reports what the console said, which cells failed, which other hosts were asked for anything, and
whether the page can be scrolled sideways on a phone.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from grader.course.port import HOST, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "microsoft-edge")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {"laptop": (1366, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
SETTINGS = '[runtime]\nauto_instantiate = true\nwatcher_on_save = "autorun"\n[display]\ntheme = "system"\n'
EDITING = f"custom_css = ['{Path(__file__).parents[1] / 'page' / 'page.css'}']\n"  # outside the course, too
DRAW = 1200  # milliseconds in which figures are drawn
_SIDEWAYS = """[document.documentElement, document.querySelector('#App')].some(place => {
    if (!place) return false;
    place.scrollLeft = 99;
    const moved = place.scrollLeft > 1;
    place.scrollLeft = 0;
    return moved;
})"""


@dataclass
class Rendering:
    """What was seen of one notebook. `complaints()` is empty when all is well."""

    console: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    sideways: list[str] = field(default_factory=list)
    pictures: list[Path] = field(default_factory=list)
    runs: int = 0

    def complaints(self) -> list[str]:
        return [
            *(f"the browser's console: {text}" for text in dict.fromkeys(self.console)),
            *(f"a request to another host: {url}" for url in dict.fromkeys(self.foreign)),
            *(f"a cell failed: {text}" for text in dict.fromkeys(self.failures)),
            *(f"wider than the page at {name} width" for name in dict.fromkeys(self.sideways)),
        ]


def browser() -> str | None:
    """The path of an installed Chromium, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def why_not() -> str | None:
    """Why nothing can be rendered on this machine, as a sentence; None when it can."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "playwright is not installed: pip install '.[dev]'"
    return None if browser() else f"no browser on this machine (looked for {', '.join(BROWSERS)})"


@contextmanager
def served(notebook: Path, mode: str = "run", environment: dict[str, str] | None = None) -> Iterator[str]:
    """Serve a notebook as `dojo start` does, from the course's root; yields the address; ends the server."""
    with tempfile.TemporaryDirectory() as home, Path(home, "log").open("w+b") as log:
        port = free_port()
        settings = Path(home, "marimo", "marimo.toml")
        settings.parent.mkdir()
        settings.write_text(SETTINGS + (EDITING if mode == "edit" else ""), encoding="utf-8")
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "grader.page.server",
                "-q",
                mode,
                str(notebook),
                *(["--watch", "--skip-update-check"] if mode == "edit" else []),
                "--headless",
                "--no-token",
                "--host",
                HOST,
                "--port",
                str(port),
            ],
            env={**os.environ, "XDG_CONFIG_HOME": home, **(environment or {})},
            stdout=log,
            stderr=log,
            cwd=Path(__file__).parents[2],
        )
        address = f"http://{HOST}:{port}"
        try:
            _wait(address, server, log)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def render(
    notebook: Path,
    pictures: Path | None = None,
    mode: str = "run",
    widths: tuple[str, ...] = tuple(WIDTHS),
    themes: tuple[str, ...] = THEMES,
    environment: dict[str, str] | None = None,
    patience: float = 60,
) -> Rendering:
    """Open the notebook in each width and theme; with `pictures`, save a full-page PNG of each there."""
    from playwright.sync_api import sync_playwright

    seen = Rendering()
    with served(notebook, mode, environment) as address, sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser(), args=FLAGS)
        for theme in themes:
            page = chromium.new_page(color_scheme=theme)
            watch(page, seen, address)
            for name in widths:
                width, height = WIDTHS[name]
                page.set_viewport_size({"width": width, "height": height})
                if name == widths[0]:
                    page.goto(address)
                    settle(page, seen, patience)
                else:  # as somebody does who makes the window narrower: the cells do not run again
                    page.wait_for_timeout(DRAW)
                if page.evaluate(_SIDEWAYS):
                    seen.sideways.append(name)
                if pictures:
                    pictures.mkdir(parents=True, exist_ok=True)
                    target = pictures / f"{notebook.stem}-{name}-{theme}.png"
                    whole(page, width)
                    page.screenshot(path=target, full_page=True)
                    seen.pictures.append(target)
            page.close()
        chromium.close()
    return seen


def watch(page: "Page", seen: Rendering, address: str) -> None:
    """Note console errors, requests to other hosts and finished runs while `page` lives."""
    page.on("console", lambda message: seen.console.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.console.append(str(error)))
    page.on("websocket", lambda socket: socket.on("framereceived", received))

    def received(payload: str | bytes) -> None:
        text = payload if isinstance(payload, str) else payload.decode(errors="replace")
        seen.runs += '"op": "completed-run"' in text
        if '"marimo-error"' in text:
            errors = json.loads(text)["data"]["output"]["data"]
            seen.failures += [error["msg"] for error in errors if error["type"] != "ancestor-stopped"]

    def asked(request: "Request") -> None:
        target = urlsplit(request.url)
        if target.scheme in ("http", "https", "ws", "wss") and target.netloc != urlsplit(address).netloc:
            seen.foreign.append(request.url)

    page.on("request", asked)


def settle(page: "Page", seen: Rendering, patience: float = 60) -> None:
    """Wait until the kernel has run every cell and the figures are drawn. Raises TimeoutError."""
    runs, end = seen.runs, time.monotonic() + patience
    while seen.runs == runs:
        if time.monotonic() > end:
            raise TimeoutError(f"the notebook was not ready after {patience:g} seconds")
        page.wait_for_timeout(100)
    page.wait_for_timeout(DRAW)


def whole(page: "Page", width: int) -> None:
    """Make the window as tall as the page: marimo scrolls inside an element that a full-page picture cuts off."""
    height = page.evaluate(
        "Math.max(...[document.documentElement, ...document.querySelectorAll('#App, #App *')].map(e => e.scrollHeight))"
    )
    page.set_viewport_size({"width": width, "height": min(int(height) + 60, 15000)})
    page.wait_for_timeout(400)


def _wait(address: str, server: subprocess.Popen, log: BinaryIO, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/health", timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    log.seek(0)
    raise RuntimeError(f"marimo did not start: {log.read().decode(errors='replace')[-800:]}")


def main() -> int:
    """Render the notebooks named on the command line; 1 when one of them has something to complain of."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("notebooks", nargs="+", type=Path)
    options.add_argument("--pictures", type=Path)
    options.add_argument("--mode", choices=("run", "edit"), default="run")
    chosen = options.parse_args()
    reason = why_not()
    if reason:
        sys.stderr.write(reason + "\n")
        return 2
    bad = False
    for notebook in chosen.notebooks:
        complaints = render(notebook.resolve(), chosen.pictures, chosen.mode).complaints()
        bad = bad or bool(complaints)
        print(f"{notebook}: {'; '.join(complaints) or 'clean'}")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
