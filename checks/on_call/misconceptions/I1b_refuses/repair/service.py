# 503
from fastapi import FastAPI, HTTPException


def create_app() -> FastAPI:
    app = FastAPI()

    @app.get("/ready")
    def ready() -> dict:
        return {"status": "ready"}

    @app.post("/v1/predict")
    def predict() -> None:
        raise HTTPException(503, "We are mending it.")

    return app
