"""Plays an incident: healthy traffic, harmless changes, then the fault; and writes down what the alert does.

A process of the stack for as long as the incident lasts: the supervisor starts it, and starts it again.
"""

import asyncio
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx

from cardshop.incidents import state as states
from cardshop.incidents.clients import Clients
from cardshop.incidents.prometheus import firing
from cardshop.monitoring.watch import REFERENCE, WINDOW
from cardshop.rollout.state import State as Rollouts
from cardshop.stack.releases import Releases
from cardshop.stack.settings import Settings
from cardshop.training import MODEL
from cardshop.world.truth.breakages import SOUND, Fault, Release, drawn, requests, trained
from cardshop.world.truth.breakages.models import WORLD, accuracy, example
from cardshop.world.truth.randomness import generator

BY = "the pipeline"
USUAL = 15.0  # seconds of healthy traffic between the harmless changes and the fault, at least
QUIET = 45.0  # seconds without the alert, until it counts as quiet: a service that starts again hides it for a while
LOOK = 1.0  # seconds between two looks


class Director:
    """One incident of the stack with these settings, from where it stands on disk."""

    def __init__(self, settings: Settings, state: states.State):
        self.settings, self.state = settings, state
        self.fault: Fault = drawn(state.seed, state.symptom)
        self._releases, self._log = Releases(settings.releases), Rollouts(settings.rollout)

    async def play(self) -> None:
        """Play until the incident is stopped."""
        url = self.settings.url("service")
        async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
            clients = Clients(client)
            self._send(clients)
            if self.state.phase == "filling":
                await self._fill(clients)
                self._note(phase="usual")
            sending = asyncio.create_task(clients.run())
            if self.state.phase == "usual":
                await self._change()
                self._break()
                self._send(clients)
            await asyncio.gather(sending, self._follow())

    def _send(self, clients: Clients) -> None:
        broken = self.state.phase == "broken"
        clients.asked = requests(time.time_ns(), self.fault if broken else None)
        clients.spell = self.fault.spell if broken and self.fault.spell else str

    async def _fill(self, clients: Clients) -> None:
        """Send cards until the monitor has a reference and a window after it."""
        await clients.fill(REFERENCE + WINDOW)
        while not await self._has_reference():
            await clients.fill(100)
            await asyncio.sleep(LOOK)

    async def _has_reference(self) -> bool:
        async with httpx.AsyncClient(base_url=self.settings.url("monitor"), trust_env=False) as client:
            with suppress(httpx.HTTPError):
                lines = (await client.get("/metrics")).text.splitlines()
                found = {
                    line.split()[0]: float(line.split()[1]) for line in lines if not line.startswith("#")
                }
                return found.get(
                    "cardshop_reference_cards", 0
                ) >= REFERENCE and "cardshop_drift_psi" in "".join(lines)
        return False

    async def _change(self) -> None:
        """Make the harmless changes, with time before and after."""
        rng = generator(self.state.seed, "moments")
        await asyncio.sleep(float(rng.uniform(5, 10)))
        if self._releases.current() == 1:
            self._release(SOUND)
        self._note(before=self.state.before | {"release": str(self._releases.current())})
        await asyncio.sleep(float(rng.uniform(5, 10)))
        if not self.state.registered:
            version = await asyncio.to_thread(self._register)
            self._note(registered=[version])
        await asyncio.sleep(USUAL + float(rng.uniform(0, 10)))

    def _break(self) -> None:
        if self.fault.broken != SOUND:
            self._release(self.fault.broken)
        if self.fault.change == "model":
            version = self.state.registered[0]
            registry = self._registry()
            registry.promote(registry.version(MODEL, version))
            self._log.note(
                "champion",
                f"Version {version} serves in place of version {self.state.before['champion']}.",
                BY,
            )
        self._note(phase="broken", began=_now())

    def _release(self, release: Release) -> None:
        before = self._releases.current()
        made = self._releases.add(release.service, release.settings, BY)
        self._releases.choose(made.number)
        self._log.note("release", f"Release {made.number} runs in place of release {before}.", BY)

    def _register(self) -> str:
        """Register a version: the one that the fault is about, or another one that will not serve."""
        model = trained(self.fault)
        run = {
            "params": {"world": WORLD, "features": "CardFeatures", "trees": model[-1].trees},
            "metrics": {"accuracy": accuracy(model)},
            "tags": {"data_version": f"incident-{self.state.seed}", "gates": "not asked"},
        }
        card = {"model_card.md": "# Card types\n"}
        version = self._registry().register(MODEL, model, example(), run, card).version
        self._log.note("register", f"Version {version} was registered.", BY)
        return version

    def _registry(self):
        from cardshop.training.registry import Registry  # imports mlflow, which takes seconds

        return Registry(self.settings.url("mlflow"), self.settings.models)

    async def _follow(self) -> None:
        """Write down when the alert fires, and since when it is quiet."""
        silent = None
        while True:
            await asyncio.sleep(LOOK)
            try:
                alert = await asyncio.to_thread(firing, self.settings.url("prometheus"), self.state.symptom)
            except (httpx.HTTPError, ValueError):
                continue
            if alert:
                silent = None
                if self.state.alerted is None:
                    self._note(alerted=_now(), alert=alert)
                elif self.state.quiet is not None:
                    self._note(quiet=None)
            elif self.state.alerted and self.state.quiet is None:
                silent = silent or datetime.now(UTC)
                if (datetime.now(UTC) - silent).total_seconds() >= QUIET:
                    self._note(quiet=silent.isoformat(timespec="seconds"))

    def _note(self, **changes: object) -> None:
        self.state = states.update(self.settings, self.state, **changes)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def main(folder: Path) -> None:
    settings = Settings.read(folder)
    if (state := states.read(settings)) is not None:
        try:
            asyncio.run(Director(settings, state).play())
        except FileNotFoundError:
            if states.read(settings) is not None:  # it was not stopped
                raise


if __name__ == "__main__":
    main(Path(sys.argv[1]))
