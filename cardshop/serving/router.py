"""Sends each request to the model that the rollout says, counts what comes of it, and acts on the judge's decision."""

import asyncio
import time
from collections import OrderedDict, deque
from contextlib import suppress
from dataclasses import replace

import structlog

from cardshop.rollout.judge import Counts, judge
from cardshop.rollout.policies import Arm, Plan, route
from cardshop.rollout.sequential import Tally
from cardshop.rollout.state import Rollout, State
from cardshop.serving.answers import Answer, Answers
from cardshop.serving.batcher import Batcher
from cardshop.serving.holder import Holder
from cardshop.serving.hooks import PLAIN, Hooks
from cardshop.serving.metrics import Metrics
from cardshop.serving.schemas import Card
from cardshop.serving.settings import Settings
from cardshop.training.registry import Registry

REMEMBERED = 100_000  # requests whose label may still come
ARMS: tuple[Arm, ...] = ("champion", "challenger")


class Desk:
    """A model and the queue before it."""

    def __init__(self, settings: Settings, metrics: Metrics, hooks: Hooks, alias: Arm):
        self.holder = Holder(settings, metrics, alias)
        self.batcher = Batcher(Answers(self.holder, metrics, hooks), settings.waiting)


class Router:
    """Both desks, the plan that runs, and what was counted since it began."""

    def __init__(self, settings: Settings, metrics: Metrics, hooks: Hooks = PLAIN):
        self.desks = {arm: Desk(settings, metrics, hooks, arm) for arm in ARMS}
        self._settings, self._metrics = settings, metrics
        self._state = State(settings.rollout)
        self._rollout: Rollout | None = None
        self._asked: OrderedDict[str, dict[Arm, tuple[Counts, dict[str, str]]]] = OrderedDict()
        self._beside: set[asyncio.Task] = set()
        self._log = structlog.get_logger("rollout")
        self._count_anew()

    @property
    def champion(self) -> Holder:
        return self.desks["champion"].holder

    async def ask(self, cards: list[Card], key: str, request_id: str) -> list[Answer]:
        """Return the answers of the arm that the rollout names for this key. Raises Busy.

        Where the challenger fails, the champion answers: a rollout must not cost a request.
        """
        plan = self._plan()
        way = route(plan, key, self._rewards()) if plan else None
        if way is None or way.answers == "champion":
            answers = await self._ask("champion", cards, request_id)
            if way and way.shadowed:
                self._run_beside(self._shadow(cards, request_id, answers))
            return answers
        try:
            return await self._ask("challenger", cards, request_id)
        except Exception as error:
            self._log.warning("challenger", error=str(error), request_id=request_id)
            return await self._ask("champion", cards, request_id)

    def label(self, request_id: str, card_id: str, card_type: str) -> None:
        """Count a label that came back for the arms that predicted the card, in the rollout in which they did."""
        for arm, (counts, said) in self._asked.get(request_id, {}).items():
            if card_id in said:
                right = said[card_id] == card_type
                self._metrics.feedback.labels(arm, str(right).lower()).inc()
                counts.tally = Tally(counts.tally.labels + 1, counts.tally.right + right)

    async def run(self) -> None:
        """Predict, follow the aliases and judge, until this is cancelled."""
        async with asyncio.TaskGroup() as group:
            for desk in self.desks.values():
                group.create_task(desk.batcher.run())
                group.create_task(desk.holder.follow())
            group.create_task(self._watch())

    async def _ask(self, arm: Arm, cards: list[Card], request_id: str) -> list[Answer]:
        counts, start = self.counts[arm], time.perf_counter()
        counts.requests += 1
        try:
            answers = await self.desks[arm].batcher.ask(cards)
        except BaseException:  # also when the client has waited too long and the request is cancelled
            counts.errors += 1
            raise
        counts.seconds.append(time.perf_counter() - start)
        said = {card.card_id: one.prediction["card_type"] for card, one in zip(cards, answers, strict=True)}
        self._asked.setdefault(request_id, {})[arm] = counts, said
        if len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)
        return answers

    async def _shadow(self, cards: list[Card], request_id: str, heard: list[Answer]) -> None:
        with suppress(Exception):  # counted, and nobody waits for it
            for ours, theirs in zip(heard, await self._ask("challenger", cards, request_id), strict=True):
                agrees = ours.prediction["card_type"] == theirs.prediction["card_type"]
                self._metrics.shadows.labels(str(agrees).lower()).inc()

    def _run_beside(self, work) -> None:
        if len(self._beside) >= self._settings.waiting:
            work.close()
            return
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    def _plan(self) -> Plan | None:
        """The plan, once its challenger is there."""
        if self._rollout is None or self.desks["challenger"].holder.predictor is None:
            return None
        if self.desks["challenger"].holder.predictor.version != self._rollout.challenger:
            return None
        return self._rollout.plan

    def _rewards(self) -> dict[Arm, tuple[int, int]]:
        return {arm: (one.tally.labels, one.tally.right) for arm, one in self.counts.items()}

    def _count_anew(self) -> None:
        self.counts: dict[Arm, Counts] = {arm: Counts(seconds=deque(maxlen=1_000)) for arm in ARMS}

    async def _watch(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._look)
            except Exception as error:  # a broken file, a registry that is away: the models go on answering
                self._log.warning("rollout", error=str(error))
            await asyncio.sleep(self._settings.poll)

    def _look(self) -> None:
        found = self._state.read()
        if found != self._rollout:
            self._count_anew()
            self._rollout = found
        if found is None or self._plan() is None:
            return
        settled = {arm: replace(one, seconds=list(one.seconds)) for arm, one in self.counts.items()}
        decision = judge(found.plan, settled["champion"], settled["challenger"])
        if decision.action == "wait":
            return
        if decision.action == "promote":
            registry = Registry(self._settings.registry, self._settings.kept)
            registry.promote(registry.find(self._settings.model, "challenger"))
        self._state.end(decision.action, decision.reason, "the service")
        self._log.info("rollout", action=decision.action, reason=decision.reason)
