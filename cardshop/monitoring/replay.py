"""Sends the traffic of a world to the service: day by day, with labels that come days later."""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from cardshop.world.traffic import traffic as traffic_of

CARDS = 20  # in a request
AT_ONCE = 8  # requests


@dataclass
class Sent:
    """What became of the cards and of the labels that were sent."""

    answered: int = 0
    refused: int = 0  # 4xx: the request breaks the contract, or comes too fast
    lost: int = 0  # 5xx, or nobody answered
    labels: int = 0


async def replay(
    client: httpx.AsyncClient,
    seed: int,
    days: int,
    seconds: float,
    advance: Callable[[int], None] = lambda day: None,
) -> Sent:
    """Send the first `days` days of the world's traffic, each in at least `seconds`; `advance` is told what is over.

    A label is sent on its day. Only cards that were answered get one, as nobody looks up the others.
    """
    sent, run, gate = Sent(), uuid.uuid4().hex[:8], asyncio.Semaphore(AT_ONCE)
    due: dict[int, list[dict]] = defaultdict(list)

    async def post(path: str, body: dict, request_id: str) -> int:
        async with gate:
            try:
                answer = await client.post(path, json=body, headers={"x-request-id": request_id})
            except httpx.TransportError:
                return 503
            return answer.status_code

    async def predict(day: int, number: int, cards: list[dict], labels: dict[str, tuple[str, int]]) -> None:
        request_id = f"traffic-{run}-{day}-{number}"
        status = await post("/v1/predict", {"cards": cards}, request_id)
        if status >= 400:
            if status < 500:
                sent.refused += len(cards)
            else:
                sent.lost += len(cards)
            return
        sent.answered += len(cards)
        for card in cards:
            if label := labels.get(card["card_id"]):
                body = {"request_id": request_id, "card_id": card["card_id"], "card_type": label[0]}
                due[label[1]].append(body)

    async def tell(day: int, number: int, label: dict) -> None:
        status = await post("/v1/feedback", label, f"traffic-{run}-{day}-label-{number}")
        sent.labels += status < 400

    for day, traffic in enumerate(traffic_of(seed, days)):
        end = asyncio.get_running_loop().time() + seconds
        cards = [_body(row, traffic.names) for row in traffic.scans.iter_rows(named=True)]
        labels = {card: (kind, late) for card, kind, late in traffic.labels.iter_rows()}
        async with asyncio.TaskGroup() as group:
            for start in range(0, len(cards), CARDS):
                group.create_task(predict(day, start // CARDS, cards[start : start + CARDS], labels))
            for number, label in enumerate(due.pop(day, [])):
                group.create_task(tell(day, number, label))
        await asyncio.sleep(max(end - asyncio.get_running_loop().time(), 0))
        advance(day)
    return sent


def _body(row: dict, names: dict[str, str]) -> dict:
    """A card as JSON: what was not read is left out, a date is text."""
    return {
        names.get(name, name): value.isoformat() if name == "released_on" else value
        for name, value in row.items()
        if value is not None
    }
