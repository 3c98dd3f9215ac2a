"""Without FastAPI, pydantic and the metrics' library: an ASGI function, rules as plain code, and metrics by hand."""

import json
import math
import re
import secrets
import time

from cardshop.scorer import STAGES, STATS, Scorer

LIMITS = (0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Refused(Exception):
    def __init__(self, status, detail, **headers):
        self.status, self.detail, self.headers = status, detail, headers


def checked(body):
    try:
        asked = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(asked, dict) or not isinstance(asked.get("cards"), list):
        raise Refused(422, "the body has to have cards, a list")
    if extra := set(asked) - {"cards"}:
        raise Refused(422, f"unknown field in the body: {', '.join(sorted(extra))}"[:300])
    if not 1 <= len(asked["cards"]) <= 100:
        raise Refused(422, "cards has to have 1 to 100 entries")
    for place, card in enumerate(asked["cards"]):
        if not isinstance(card, dict):
            raise Refused(422, f"cards, number {place}: not an object")
        for name in (*STATS, "stage", "card_id"):
            if name not in card:
                raise Refused(422, f"card {place}: {name} is missing")
        for name in card:
            if name not in (*STATS, "stage", "card_id"):
                raise Refused(422, f"card {place}: {name[:40]} is unknown")
        if not isinstance(card["card_id"], str) or not 1 <= len(card["card_id"]) <= 40:
            raise Refused(422, f"card {place}: card_id has to be a text of 1 to 40 characters")
        try:
            card["card_id"].encode()
        except UnicodeEncodeError:
            raise Refused(422, f"card {place}: card_id is not text") from None
        if not isinstance(card["stage"], str) or card["stage"] not in STAGES:
            raise Refused(422, f"card {place}: stage has to be one of {', '.join(STAGES)}")
        for name in STATS:
            if type(card[name]) is not int or not 1 <= card[name] <= 400:
                raise Refused(422, f"card {place}: {name} has to be a whole number from 1 to 400")
    return asked["cards"]


def make_app(folder, key):
    state = {"model": None, "broken": 0}
    statuses = dict.fromkeys((200, 401, 413, 422, 500, 503), 0)
    buckets, types, total = dict.fromkeys((*LIMITS, math.inf), 0), {}, [0.0]

    def champion():
        try:
            name = (folder / "champion").read_bytes().decode().strip()
            found = Scorer.read(folder / "versions" / name)
            numbers = [*found.weights.ravel().tolist(), *found.bias.tolist()]
            if not name or found.version != name or not all(map(math.isfinite, numbers)):
                raise ValueError
            state.update(model=found, broken=0)
        except (OSError, ValueError):
            state["broken"] = 1
        if state["model"] is None:
            raise Refused(503, "there is no model yet", **{"retry-after": "3"})
        return state["model"]

    def exposition():
        lines = ["# TYPE sorter_requests_total counter"]
        lines += [f'sorter_requests_total{{status="{one}"}} {n}' for one, n in statuses.items()]
        lines.append("# TYPE sorter_request_seconds histogram")
        for limit, number in buckets.items():
            shown = "+Inf" if limit == math.inf else f"{limit:g}"
            lines.append(f'sorter_request_seconds_bucket{{le="{shown}"}} {number}')
        lines += [
            f"sorter_request_seconds_sum {total[0]}",
            f"sorter_request_seconds_count {buckets[math.inf]}",
        ]
        lines.append("# TYPE sorter_cards_total counter")
        lines += [f'sorter_cards_total{{card_type="{one}"}} {n}' for one, n in types.items()]
        lines.append("# TYPE sorter_model_info gauge")
        try:
            lines.append(f'sorter_model_info{{version="{champion().version}"}} 1')
        except Refused:
            pass
        lines += ["# TYPE sorter_champion_broken gauge", f"sorter_champion_broken {state['broken']}"]
        return "\n".join(lines) + "\n"

    async def answer(method, path, headers, receive):
        if path == "/v1/predict" and method == "POST":
            if not secrets.compare_digest(headers.get(b"x-api-key", b""), key.encode()):
                raise Refused(401, "send the key in X-API-Key")
            body, more = b"", True
            while more:
                message = await receive()
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > 20_000:
                    raise Refused(413, "at most 20000 bytes")
            cards = checked(body)
            model = champion()
            predictions = model.predict(cards)
            for one in predictions:
                types[one["card_type"]] = types.get(one["card_type"], 0) + 1
            return {"predictions": predictions, "version": model.version}
        if path not in ("/v1/predict", "/health", "/ready", "/version", "/metrics"):
            raise Refused(404, "no such path")
        if method != "GET" or path == "/v1/predict":
            raise Refused(405, "this method is not allowed here")
        if path == "/health":
            return {"alive": True}
        if path == "/metrics":
            return exposition()
        return {"version": champion().version}

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"].endswith("shutdown"):
                    return
        start, headers = time.monotonic(), dict(scope["headers"])
        status, more = 200, {}
        try:
            said = await answer(scope["method"], scope["path"], headers, receive)
        except Refused as refused:
            status, more, said = refused.status, refused.headers, {"detail": refused.detail}
        except Exception:
            status, said = 500, {"detail": "something went wrong"}
        if (scope["method"], scope["path"]) == ("POST", "/v1/predict"):
            statuses[status] = statuses.get(status, 0) + 1
            took = time.monotonic() - start
            total[0] += took
            for limit in buckets:
                buckets[limit] += took <= limit
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        if not re.fullmatch("[a-zA-Z0-9_-]{1,64}", given):
            given = secrets.token_hex(8)
        kind = "text/plain; charset=utf-8" if isinstance(said, str) else "application/json"
        body = said if isinstance(said, str) else json.dumps(said)
        more = {"content-type": kind, "x-request-id": given, **more}
        pairs = [(name.encode(), value.encode()) for name, value in more.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": body.encode()})

    return app
