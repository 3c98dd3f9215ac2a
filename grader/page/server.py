"""marimo's server with the course's header and footer on every page.

    python -m grader.page.server edit notebooks/home.py …

Takes marimo's own arguments. `marimo edit NOTEBOOK` works as well, without header, footer and reference pages. What is
private in marimo (the registry of lifespans, `html_head`, the names of its assets) is used here and nowhere else.
"""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import marimo
from marimo._server.registry import LIFESPAN_REGISTRY
from starlette.applications import Starlette
from starlette.authentication import requires
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from grader.page import bars, shelf

SCRIPT = Path(__file__).with_name("page.js")
ASSETS = Path(marimo.__file__).parent / "_static" / "assets"
FONTS = (
    ("Lora", 400, "Lora-*"),
    ("PT Sans", 400, "PTSans-Regular-*"),
    ("PT Sans", 700, "PTSans-Bold-*"),
    ("Fira Mono", 400, "FiraMono-Regular-*"),
)


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Add the script to every page, and our routes behind marimo's own token."""
    app.state.html_head = f"{_early()}<script>{SCRIPT.read_text(encoding='utf-8')}</script>"
    app.router.routes.insert(0, Route("/dojo/bars", _bars))
    app.router.routes.insert(0, Route("/dojo/shelf/{name}", _shelf))
    yield


@requires("edit")
async def _bars(request: Request) -> JSONResponse:
    return JSONResponse(bars.around(request.query_params.get("file", "")))


@requires("edit")
async def _shelf(request: Request) -> HTMLResponse:
    text = shelf.document(request.path_params["name"], _fonts())
    return HTMLResponse(text or shelf.missing(), status_code=200 if text else 404)


def _early() -> str:
    """Links that load the code for charts (1 MB) while the kernel starts: marimo asks for it at the first chart."""
    return "".join(
        f'<link rel="modulepreload" href="./assets/{file.name}">' for file in ASSETS.glob("*vega*.js")
    )


def _fonts() -> str:
    """marimo's fonts, which only its own pages declare."""
    return "".join(
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; src: url("/assets/{file.name}") }}'
        for family, weight, names in FONTS
        for file in ASSETS.glob(names)
    )


if __name__ == "__main__":
    from marimo._cli.cli import main

    LIFESPAN_REGISTRY.register("dojo", lifespan)
    main(prog_name="marimo")
