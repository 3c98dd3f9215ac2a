"""The monitor beside the service, both over ASGI, with a journal between them (P-5)."""

import asyncio

import httpx

from cardshop import world
from cardshop.monitoring.app import create_app
from cardshop.monitoring.settings import Settings
from cardshop.monitoring.watch import ENOUGH, REFERENCE, SCHEMA

from .conftest import client


def bodies(number: int, hp: float = 1.0) -> list[dict]:
    """Requests with a hundred cards each, as a client sends them."""
    cards = world.load("cards").drop("card_type").sample(100 * number, with_replacement=True, seed=0)
    rows = cards.to_dicts()
    for row in rows:
        row["released_on"] = row["released_on"].isoformat()
        row["hp"] = int(row["hp"] * hp)
    return [{"cards": rows[start : start + 100]} for start in range(0, len(rows), 100)]


def test_what_clients_send_is_what_the_monitor_shows(set_up, tmp_path):
    service_settings = set_up.model_copy(update={"journal": tmp_path / "journal"})
    settings = Settings(journal=tmp_path / "journal", reference=tmp_path / "reference.parquet", look=60)

    async def scenario():
        async with client(service_settings) as service:
            for body in bodies(REFERENCE // 100):
                assert (await service.post("/v1/predict", json=body)).status_code == 200
            for body in bodies(ENOUGH // 100, hp=2):
                answer = (await service.post("/v1/predict", json=body)).json()
            label = {"request_id": answer["request_id"], "card_id": body["cards"][0]["card_id"]}
            told = answer["predictions"][0]["card_type"]
            await service.post("/v1/feedback", json=label | {"card_type": told})
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://monitor") as monitor:
                while (await monitor.get("/health")).status_code != 200:
                    await asyncio.sleep(0.01)
                first = [(await monitor.get(path)).text for path in ("/metrics", "/")]
                await monitor.post("/reference")
                return *first, (await monitor.get("/metrics")).text

    metrics, page, renewed = asyncio.run(scenario())
    psi = {
        name: float(line.split()[-1])
        for name in SCHEMA
        for line in metrics.splitlines()
        if line.startswith(f'cardshop_drift_psi{{feature="{name}"}}')
    }
    assert set(psi) == set(SCHEMA) and psi["hp"] > 1 and psi["attack"] < 0.2
    assert "cardshop_accuracy 1.0" in metrics and "cardshop_reference_cards 2000.0" in metrics
    assert "CARDSHOP_PROMETHEUS does not say where" in page
    assert "Drift in hp" in page and "http://" not in page and "https://" not in page
    assert "cardshop_reference_cards 0.0" in renewed and "cardshop_drift_psi{" not in renewed
