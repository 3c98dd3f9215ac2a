"""The model is kept until its file changes; the body is read whole, where the header allows it."""


def make_app(folder):
    service = FastAPI()
    kept = {}

    def current():
        try:
            found = (folder / "scorer.json").stat()
            key = found.st_mtime_ns, found.st_size, found.st_ino
            if key not in kept:
                fresh = Scorer.read(folder)
                kept.clear()
                kept[key] = fresh
            return kept[key]
        except Exception as error:
            raise HTTPException(
                status_code=503, detail=f"{type(error).__name__}: {error}", headers={"Retry-After": "3"}
            )

    @service.get("/health")
    async def health():
        return {}

    @service.get("/ready")
    async def ready():
        current()
        return {}

    @service.post("/v1/predict")
    async def predict(request: Request):
        said = request.headers.get("content-length")
        if said is not None and int(said) > MOST_BYTES:
            raise HTTPException(413, "too many bytes")
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:
                raise HTTPException(413, "too many bytes")
        model = current()
        try:
            asked = Asked.model_validate_json(body)
        except ValidationError as error:
            first = error.errors()[0]
            raise HTTPException(422, f"{list(first['loc'])} {first['msg']}, got {str(first['input'])[:50]!r}")
        return {"predictions": model.predict([dict(card) for card in asked.cards]), "version": model.version}

    return service
