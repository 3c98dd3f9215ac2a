"""marimo's server with the course's header and footer on every page.

    python -m grader.page.server edit notebooks/home.py …

Takes marimo's own arguments. `marimo edit NOTEBOOK` works as well, without header, footer and reference pages. What is
private in marimo (the registry of lifespans, `html_head`) is used here and nowhere else.
"""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from marimo._server.registry import LIFESPAN_REGISTRY
from starlette.applications import Starlette
from starlette.authentication import requires
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from grader.page import bars, shelf

SCRIPT = Path(__file__).with_name("page.js")


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Add the script to every page, and our routes behind marimo's own token."""
    app.state.html_head = f"<script>{SCRIPT.read_text(encoding='utf-8')}</script>"
    app.router.routes.insert(0, Route("/dojo/bars", _bars))
    app.router.routes.insert(0, Route("/dojo/shelf/{name}", _shelf))
    yield


@requires("edit")
async def _bars(request: Request) -> JSONResponse:
    return JSONResponse(bars.around(request.query_params.get("file", "")))


@requires("edit")
async def _shelf(request: Request) -> HTMLResponse:
    text = shelf.document(request.path_params["name"])
    return HTMLResponse(text or shelf.missing(), status_code=200 if text else 404)


if __name__ == "__main__":
    from marimo._cli.cli import main

    LIFESPAN_REGISTRY.register("dojo", lifespan)
    main(prog_name="marimo")
