"""Errors as problem details (RFC 9457): every answer that is not 2xx has this shape."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from cardshop.serving.schemas import Problem

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 10  # named in one answer
UNREADABLE = "The body cannot be read: send JSON as text in UTF-8."  # FastAPI's own words say less
TITLES = {
    400: "The request cannot be read",
    401: "The key is missing or unknown",
    404: "There is no such page",
    405: "The page does not take this method",
    413: "The body is too large",
    415: "The body is not JSON",
    422: "The request is not valid",
    429: "Too many requests",
    500: "The service failed",
    501: "The model cannot do this",
    503: "The service is not ready",
    504: "The answer took too long",
}


def problem(request: Request, status: int, detail: str, errors: list[dict] | None = None) -> JSONResponse:
    """Return an error answer: `detail` says what was wrong and what to do, the title follows from `status`."""
    body = Problem(
        title=TITLES.get(status, "The request was refused"),
        status=status,
        detail=detail,
        request_id=getattr(request.state, "request_id", None),
        errors=errors,
    )
    return JSONResponse(body.model_dump(exclude_none=True), status, media_type=MEDIA_TYPE)


def described(texts: dict[int, str]) -> dict[int, dict]:
    """What an OpenAPI document says of problems: for each status when it comes, and the shape of its body."""
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    return {status: {"description": text, "content": content} for status, text in texts.items()}


def install(app: FastAPI) -> None:
    """Let every error of an app be answered as a problem."""

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        if "json" not in request.headers.get("content-type", ""):
            return problem(
                request, 415, "Send the body as JSON, with the header Content-Type: application/json."
            )
        found = [
            {"where": ".".join(map(str, one["loc"])), "what": one["msg"]}
            for one in error.errors()[:MOST_ERRORS]
        ]
        first = found[0]
        more = f", and {len(error.errors()) - 1} more" if len(error.errors()) > 1 else ""
        return problem(request, 422, f"{first['where']}: {first['what']}{more}", found)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        detail = UNREADABLE if error.status_code == 400 else str(error.detail)
        answer = problem(request, error.status_code, detail)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> JSONResponse:
        return problem(request, 500, "The service failed. Its log has the cause under the request id.")
