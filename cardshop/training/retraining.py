"""One look at a running stack: read what the triggers need, decide, and if one fires, train and start a canary.

Whoever looks again and again, a loop or a CronJob, gets the same decisions: what is remembered lies on disk.
"""

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import httpx
from pandera.errors import SchemaErrors
from prometheus_client.parser import text_string_to_metric_families

from cardshop.rollout.policies import Plan
from cardshop.rollout.state import Rollout, State
from cardshop.stack.settings import Settings
from cardshop.training import MODEL, job
from cardshop.training.labelled import Labelled, labelled
from cardshop.training.policy import Policy
from cardshop.training.registry import CHALLENGER, CHAMPION, Registry
from cardshop.training.tasks.card_types import CardTypes
from cardshop.training.triggers import Decision, Facts, Finding, Mark, Memory, decide, findings

BY = "cardshop retrain"
"""Who has decided, in the audit log."""


class Look(NamedTuple):
    """The decision of a look, and what each trigger saw, nothing while a rollout runs.

    `refused` says whether a model was trained that may not serve.
    """

    decision: Decision
    findings: dict[str, Finding]
    refused: bool = False


def look(
    settings: Settings,
    policy: Policy,
    seed: int = 0,
    share: float = 0.2,
    days: float = 14,
    say: Callable[[str], None] = lambda step: None,
) -> Look:
    """Look at the stack once, and act. A new model learns from the catalogue of the world `seed` and from the labelled
    scans of the last `days`; if it passes its gates, a canary lets it answer a `share` of the customers.

    Every decision but to wait is in the audit log. Raises httpx.HTTPError where the monitor does not answer,
    MlflowException or NoModel where the registry does not, and ValueError for a file that cannot be read.
    """
    state, registry = State(settings.rollout), Registry(settings.url("mlflow"), settings.models)
    _renew_reference(settings, state)
    if running := state.read():
        sentence = (
            f"Version {running.challenger} is being rolled out: nothing is trained before that is decided."
        )
        return Look(Decision("wait", "rollout", sentence), {})
    champion, seen, now = registry.find(MODEL), labelled(settings.journal), time.time()
    facts = Facts(
        now,
        registry.trained_at(MODEL),
        registry.trained_at(MODEL, CHAMPION),
        seen.answers["at"].to_list(),
        seen.answers.filter(version=champion.version)["right"].to_list(),
        _psi(settings),
    )
    file = settings.retraining / "memory.json"
    memory = recall(file)
    decision, fresh = decide(facts, policy, memory)
    keep(file, fresh)  # before the training: one that is killed has used its budget
    if decision.action != "wait" and _is_news(decision, state):
        state.note(decision.action, decision.reason, BY)
    refused = False
    if decision.action == "retrain":
        recent = seen._replace(scans=seen.since(now - days * policy.day))
        refused = not _retrain(state, registry, champion.version, recent, seed, share, say)
    return Look(decision, findings(facts, policy, memory), refused)


def recall(file: Path) -> Memory:
    """What the last look has kept; nothing before the first. Raises ValueError for a broken file."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        marks = {name: Mark(**mark) for name, mark in found["marks"].items()}
        return Memory(marks, tuple(found["trainings"]))
    except FileNotFoundError:
        return Memory()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{file} cannot be read ({error}): delete it to start afresh.") from None


def keep(file: Path, memory: Memory) -> None:
    """Write down what the next look has to know."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(asdict(memory)), encoding="utf-8")
    draft.replace(file)


def _retrain(
    state: State,
    registry: Registry,
    champion: str,
    recent: Labelled,
    seed: int,
    share: float,
    say: Callable[[str], None],
) -> bool:
    """Train, and start a canary with what passes every gate; false where nothing does."""
    try:
        outcome = job.train(registry, seed, CHALLENGER, say, CardTypes(recent.scans))
    except SchemaErrors as error:
        state.note(
            "refuse", f"The data break their contract: {len(error.failure_cases)} cells are wrong.", BY
        )
        return False
    version = outcome.version.version
    data = f"Version {version} was trained on the catalogue and {recent.scans.height:,} labelled scans"
    if recent.unknown:
        data += f" ({recent.unknown} labels are no type of a card and were left out)"
    if not outcome.passed:
        missed = " ".join(gate.sentence for gate in outcome.gates if not gate.passed)
        state.note("refuse", f"{data}. It may not serve. {missed}", BY)
        return False
    (compared,) = (gate.sentence for gate in outcome.gates if gate.name == "holds against the champion")
    state.note("gates", f"{data}, and passed all {len(outcome.gates)} gates. {compared}", BY)
    state.begin(Rollout(Plan("canary", uuid.uuid4().hex, share), champion, version), BY)
    return True


def _renew_reference(settings: Settings, state: State) -> None:
    """After a promotion the monitor compares with cards that the new champion has answered."""
    actions = [line["action"] for line in state.audit() if line["action"] in ("promote", "reference")]
    if actions[-1:] == ["promote"]:
        httpx.post(f"{settings.url('monitor')}/reference", timeout=30, trust_env=False).raise_for_status()
        state.note(
            "reference", "There is a new champion: the monitor compares with the next cards from now on.", BY
        )


def _is_news(decision: Decision, state: State) -> bool:
    """A budget that is spent is written down once, not at every look."""
    last = state.audit()[-1:]
    return decision.action != "hold" or not last or last[0]["action"] != "hold"


def _psi(settings: Settings) -> dict[str, float]:
    answer = httpx.get(f"{settings.url('monitor')}/metrics", timeout=10, trust_env=False).raise_for_status()
    return {
        sample.labels["feature"]: sample.value
        for family in text_string_to_metric_families(answer.text)
        if family.name == "cardshop_drift_psi"
        for sample in family.samples
    }
