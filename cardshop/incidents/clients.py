"""The clients of an incident: each second a burst of requests, and labels some seconds later."""

import asyncio
import itertools
import random
import uuid
from collections.abc import Iterator

import httpx

BURST = 8  # requests at once, each second
LATE = 3.0  # seconds until somebody has looked at a card
LABELLED = 0.35  # of the cards
FILLED = 0.15  # of the cards that come at once: many calls would hide the next errors from the alerts
MOST_LABELS = 10  # of a request
AT_ONCE = 4  # labels


class Clients:
    """Sends what the iterator `asked` gives (`body`, `client`, `types`); `spell` is how labels are written.

    While the service is not ready nothing is sent, as behind a load balancer.
    """

    def __init__(self, client: httpx.AsyncClient):
        self._client, self._gate = client, asyncio.Semaphore(AT_ONCE)
        self._run, self._count = uuid.uuid4().hex[:8], itertools.count()
        self._labels: set[asyncio.Task] = set()
        self.asked: Iterator
        self.spell = str

    async def fill(self, cards: int) -> None:
        """Send so many cards as fast as the service takes them."""
        sent = 0
        while sent < cards:
            await self._ready()
            sent += sum(await asyncio.gather(*(self._predict(FILLED, 0) for _ in range(BURST))))
        while self._labels:
            await asyncio.sleep(0.1)

    async def run(self) -> None:
        """Send a burst each second, until this is cancelled."""
        while True:
            due = asyncio.get_running_loop().time() + 1
            await self._ready()
            await asyncio.gather(*(self._predict(LABELLED, LATE) for _ in range(BURST)))
            await asyncio.sleep(max(due - asyncio.get_running_loop().time(), 0))

    async def _predict(self, labelled: float, late: float) -> int:
        """Send a request; return how many cards were answered. A share gets a label, so many seconds later."""
        asked = next(self.asked)
        request_id = f"incident-{self._run}-{next(self._count)}"
        headers = {"x-request-id": request_id, "x-customer-id": asked.client}
        status = await self._post("/v1/predict", asked.body, headers)
        if status != 200:
            return 0
        for card, kind in list(zip(asked.scanned, asked.types, strict=True))[:MOST_LABELS]:
            if random.random() < labelled:
                label = {"request_id": request_id, "card_id": card["card_id"], "card_type": self.spell(kind)}
                task = asyncio.create_task(self._tell(label, late))
                self._labels.add(task)
                task.add_done_callback(self._labels.discard)
        return len(asked.types)

    async def _tell(self, label: dict, late: float) -> None:
        await asyncio.sleep(late)
        async with self._gate:
            await self._post("/v1/feedback", label, {})

    async def _post(self, path: str, body: dict, headers: dict[str, str]) -> int:
        try:
            return (await self._client.post(path, json=body, headers=headers)).status_code
        except httpx.TransportError:
            return 0

    async def _ready(self) -> None:
        while True:
            try:
                if (await self._client.get("/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.3)
