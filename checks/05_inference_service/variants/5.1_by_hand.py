"""Starlette and no pydantic: every rule is a line of Python."""


def make_app(folder):
    import json

    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    names = ["card_id", "stage", *STATS]

    def wrong(card):
        if not isinstance(card, dict):
            return "is no object"
        for name in names:
            if name not in card:
                return f"{name} is missing"
        for name in card:
            if name not in names:
                return f"{name} is unknown"
        if type(card["card_id"]) is not str or not 1 <= len(card["card_id"]) <= 40:
            return "card_id must be a text of 1 to 40 characters"
        if card["stage"] not in ("Basic", "Stage 1", "Stage 2"):
            return "stage must be Basic, Stage 1 or Stage 2"
        for name in STATS:
            if type(card[name]) is not int or not 1 <= card[name] <= 400:
                return f"{name} must be a whole number from 1 to 400"
        return ""

    def refuse(status, detail, **headers):
        return JSONResponse(
            {"detail": detail}, status, {name.replace("_", "-"): value for name, value in headers.items()}
        )

    async def predict(request):
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:
                return refuse(413, "too large")
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            return refuse(400, "this is no JSON")
        if not isinstance(asked, dict) or not isinstance(asked.get("cards"), list):
            return refuse(422, "an object with the list cards is needed")
        if set(asked) != {"cards"}:
            return refuse(422, f"unknown: {', '.join(set(asked) - {'cards'})}")
        if not 1 <= len(asked["cards"]) <= 100:
            return refuse(422, "cards must have 1 to 100 cards")
        for at, card in enumerate(asked["cards"]):
            if said := wrong(card):
                return refuse(422, f"card {at} of cards: {said}")
        try:
            scorer = Scorer.read(folder)
        except Exception as error:
            return refuse(503, str(error), Retry_After="9")
        return JSONResponse({"predictions": scorer.predict(asked["cards"]), "version": scorer.version})

    async def health(request):
        return JSONResponse({})

    async def ready(request):
        try:
            Scorer.read(folder)
        except Exception as error:
            return refuse(503, str(error))
        return JSONResponse({})

    async def told(request, error):
        return refuse(error.status_code, error.detail)

    return Starlette(
        routes=[
            Route("/v1/predict", predict, methods=["POST"]),
            Route("/health", health),
            Route("/ready", ready),
        ],
        exception_handlers={404: told, 405: told},
    )
