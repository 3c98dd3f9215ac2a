"""FastAPI reads the body; two handlers write the sentences, and a middleware counts bytes."""


def make_app(folder):
    from fastapi import Depends
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import JSONResponse

    service = FastAPI()

    class Limit:
        def __init__(self, inner):
            self.inner = inner

        async def __call__(self, scope, receive, send):
            if scope["type"] != "http":
                await self.inner(scope, receive, send)
                return
            pieces, size = [], 0
            while True:
                message = await receive()
                pieces.append(message)
                size += len(message.get("body", b""))
                if size > MOST_BYTES:
                    await JSONResponse({"detail": "the body is too large"}, 413)(scope, receive, send)
                    return
                if not message.get("more_body"):
                    break

            async def again():
                return pieces.pop(0) if pieces else await receive()

            await self.inner(scope, again, send)

    service.add_middleware(Limit)

    @service.exception_handler(RequestValidationError)
    async def invalid(request, error):
        said = [f"{one['loc']}: {one['msg']}" for one in error.errors()]
        return JSONResponse({"detail": " and ".join(said)}, 422)

    def model() -> Scorer:
        try:
            return Scorer.read(folder)
        except (FileNotFoundError, ValueError):
            raise HTTPException(503, "the model is not there yet", {"retry-after": "1"})

    @service.get("/health")
    async def health():
        return "ok"

    @service.get("/ready")
    def ready(model=Depends(model)):
        return model.version

    @service.post("/v1/predict")
    def predict(asked: Asked, model=Depends(model)):
        return {
            "version": model.version,
            "predictions": model.predict([one.model_dump() for one in asked.cards]),
        }

    return service
