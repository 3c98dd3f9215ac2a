"""Predicts together what waits together: while one prediction runs, the requests that arrive form the next."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cardshop.serving.schemas import MOST_CARDS, Card


class Busy(RuntimeError):
    """So many requests wait that another one would have to wait too long."""


@dataclass(frozen=True)
class _Order:
    cards: list[Card]
    answer: asyncio.Future


class Batcher:
    """Runs `work` in a thread, one batch at a time.

    `work` takes the cards of a batch and returns something for each, in their order. A batch has at most as many
    cards as one request may have, so the largest request fits.
    """

    def __init__(self, work: Callable[[list[Card]], list], waiting: int):
        self._work = work
        self._waiting = waiting
        self._orders: list[_Order] = []
        self._new = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model")

    async def run(self) -> None:
        """Work until this is cancelled; what still waits then is refused."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                await self._new.wait()
                batch = self._next()
                await loop.run_in_executor(self._thread, self._answer, loop, batch)
        finally:
            for order in self._orders:
                order.answer.cancel()
            self._thread.shutdown(wait=False)

    async def ask(self, cards: list[Card]) -> list:
        """Return what `work` makes of the cards. Raises Busy, and whatever `work` raises for these cards."""
        if len(self._orders) >= self._waiting:
            raise Busy
        order = _Order(cards, asyncio.get_running_loop().create_future())
        self._orders.append(order)
        self._new.set()
        return await order.answer

    def _next(self) -> list[_Order]:
        cards, size = 0, 0
        while size < len(self._orders) and cards + len(self._orders[size].cards) <= MOST_CARDS:
            cards += len(self._orders[size].cards)
            size += 1
        batch, self._orders = self._orders[:size], self._orders[size:]
        if not self._orders:
            self._new.clear()
        return [order for order in batch if not order.answer.cancelled()]

    def _answer(self, loop: asyncio.AbstractEventLoop, batch: list[_Order]) -> None:
        try:
            answers = iter(self._work([card for order in batch for card in order.cards]))
            results = [[next(answers) for _ in order.cards] for order in batch]
        except Exception as error:
            if len(batch) > 1:  # one request must not spoil the others
                for order in batch:
                    self._answer(loop, [order])
                return
            results = [error]
        loop.call_soon_threadsafe(_deliver, batch, results)


def _deliver(batch: list[_Order], results: list) -> None:
    for order, result in zip(batch, results, strict=True):
        if order.answer.done():
            continue
        if isinstance(result, Exception):
            order.answer.set_exception(result)
        else:
            order.answer.set_result(result)
