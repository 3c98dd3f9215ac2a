"""Predicts together what waits together: while one prediction runs, the requests that arrive form the next."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cardshop.serving.schemas import MOST_CARDS, Card

FEW = 64
"""So many cards may be predicted in the event loop: handing them to a thread takes as long as a quick model."""
QUICK = 0.02  # seconds that nobody misses; where the last batch took longer, the next one goes to the thread


class Busy(RuntimeError):
    """So many requests wait that another one would have to wait too long."""


@dataclass(frozen=True)
class _Order:
    cards: list[Card]
    answer: asyncio.Future


class Batcher:
    """Runs `work`, one batch at a time: a few cards in the event loop while `work` is quick, else in a thread.

    `work` takes the cards of a batch and returns something for each, in their order. A batch has at most as many
    cards as one request may have, so the largest request fits.
    """

    def __init__(self, work: Callable[[list[Card]], list], waiting: int):
        self._work = work
        self._waiting = waiting
        self._orders: list[_Order] = []
        self._took = float("inf")  # seconds for the last batch; none was measured yet
        self._new = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model")

    async def run(self) -> None:
        """Work until this is cancelled; what still waits then is refused."""
        loop, batch = asyncio.get_running_loop(), []
        try:
            while True:
                await self._new.wait()
                batch, start = self._next(), time.perf_counter()
                if self._took < QUICK and sum(len(order.cards) for order in batch) <= FEW:
                    results = self._answers(batch)
                else:
                    results = await loop.run_in_executor(self._thread, self._answers, batch)
                self._took = time.perf_counter() - start
                _deliver(batch, results)
        finally:
            for order in [*batch, *self._orders]:  # what was delivered stays so
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

    def _answers(self, batch: list[_Order]) -> list:
        """Return for each order its answers, or the error that it made."""
        try:
            answers = iter(self._work([card for order in batch for card in order.cards]))
            return [[next(answers) for _ in order.cards] for order in batch]
        except Exception as error:
            if len(batch) == 1:
                return [error]  # one request must not spoil the others
            return [result for order in batch for result in self._answers([order])]


def _deliver(batch: list[_Order], results: list) -> None:
    for order, result in zip(batch, results, strict=True):
        if order.answer.done():
            continue
        if isinstance(result, Exception):
            order.answer.set_exception(result)
        else:
            order.answer.set_result(result)
