"""Opens an incident in the running stack, says where it stands, and undoes it."""

import getpass
import shutil
import time
from contextlib import suppress

import httpx

from cardshop.incidents import state as states
from cardshop.incidents.clock import faster
from cardshop.incidents.state import NotAnIncident, State
from cardshop.rollout.state import State as Rollouts
from cardshop.stack import operations, supervisor
from cardshop.stack.releases import Releases
from cardshop.stack.settings import RULES, Settings
from cardshop.training import MODEL

PATIENCE = 60.0  # seconds for the supervisor to follow


class NotPossible(RuntimeError):
    """The stack cannot have an incident, or not be freed of it; the message says why, and what to do."""


def open_(settings: Settings, seed: int, symptom: str) -> None:
    """Let the incident of a seed begin; without `symptom` the seed decides. Raises NotPossible and StackError."""
    from cardshop.world.truth.breakages import EARLIER, drawn  # scikit-learn takes a second

    _require(settings)
    fault = drawn(seed, symptom)
    state = State(seed, fault.symptom, {"release": "1", "champion": _champion(settings)})
    draft = states.draft(settings)
    Releases(draft / "releases").begin(EARLIER.service, EARLIER.settings)
    (draft / "rules.yml").write_text(faster(RULES.read_text(encoding="utf-8")), encoding="utf-8")
    states.begin(settings, state)
    _until(lambda: "traffic" in supervisor.processes(settings.folder))


def current(settings: Settings) -> State | None:
    """The incident of this stack. Raises NotAnIncident."""
    return states.read(settings)


def described(settings: Settings) -> dict:
    """What a program needs to know of an incident and of what answers now; {} without an incident.

    `release` has `number` and `folder`, `before` the release and the champion before the fault, as text.
    """
    state = states.read(settings)
    if state is None:
        return {}
    releases = Releases(settings.releases)
    number = releases.current()
    return {
        **{name: getattr(state, name) for name in ("seed", "symptom", "began", "alerted", "quiet", "alert")},
        "release": {"number": number, "folder": str(releases.folder / str(number))},
        "champion": _champion(settings),
        "before": state.before,
        "registered": state.registered,
    }


def close(settings: Settings) -> str:
    """Undo the incident, also where the stack does not run; return its seed, or an empty text where there is none.

    Raises NotPossible and StackError.
    """
    try:
        if (state := states.read(settings)) is None and settings.live == settings.folder:
            return ""
    except NotAnIncident:
        state = None
    rollouts = Rollouts(settings.rollout)
    with suppress(ValueError):
        if rollouts.read():
            rollouts.end("rollback", "The incident was stopped.", getpass.getuser())
    if state and _champion(settings) != (version := state.before["champion"]):
        registry = _registry(settings)
        registry.promote(registry.version(MODEL, version))
        rollouts.note(
            "champion", f"The incident was stopped: version {version} serves again.", getpass.getuser()
        )
    gone = states.end(settings)
    if operations.runs(settings.folder):
        _until(lambda: "traffic" not in supervisor.processes(settings.folder))
        operations.wait(settings)
    elif (left := supervisor.processes(settings.folder).get("traffic")) and supervisor.is_same(left):
        supervisor.end([left["pid"]])
    for folder in (gone, settings.folder / "incident"):  # the service that ended may have written once more
        shutil.rmtree(folder, ignore_errors=True)
    return str(state.seed) if state else "?"


def told(settings: Settings) -> str:
    """Where to look, and what to mend it with."""
    return (
        f"Look: Prometheus {settings.url('prometheus')}, monitor {settings.url('monitor')}, "
        f"MLflow {settings.url('mlflow')}.\n"
        "      `cardshop logs service`, `cardshop release list`, `cardshop rollout status`\n"
        "Mend: `cardshop release back`, `cardshop release new FILE --set NAME=VALUE`,\n"
        "      `cardshop rollout champion VERSION`\n"
        "      `dojo incident status` says whether the alert still fires; `dojo incident submit` hands the repair in."
    )


def _require(settings: Settings) -> None:
    """Return if the stack, which runs, can have an incident. Raises NotPossible and StackError."""
    if settings.live != settings.folder:
        raise NotPossible(
            "An incident runs already: `dojo incident status` says which, `dojo incident stop` ends it."
        )
    state = operations.status(settings)
    if state["prometheus"] is None:
        raise NotPossible(
            "Without Prometheus no alert can fire: `apt-get install prometheus`, then `cardshop up` again."
        )
    if waiting := operations.unready(state):
        raise NotPossible(f"{', '.join(waiting)} is not ready: see `cardshop logs {waiting[0]}`.")
    try:
        runs = Rollouts(settings.rollout).read()
    except ValueError as error:
        raise NotPossible(str(error)) from None
    if runs:
        raise NotPossible("A rollout runs: end it with `cardshop rollout promote` or `rollback` before.")


def _champion(settings: Settings) -> str:
    """The version that serves. Raises NotPossible."""
    if operations.runs(settings.folder):  # MLflow's own interface; its library takes seconds to import
        with suppress(httpx.HTTPError, KeyError, ValueError):
            url = f"{settings.url('mlflow')}/api/2.0/mlflow/registered-models/alias"
            asked = {"name": MODEL, "alias": "champion"}
            return httpx.get(url, params=asked, timeout=5, trust_env=False).json()["model_version"]["version"]
    from mlflow.exceptions import MlflowException

    from cardshop.training.registry import NoModel

    try:
        return _registry(settings).find(MODEL).version
    except (NoModel, MlflowException) as error:
        raise NotPossible(f"The registry does not say which version serves: {error}") from None


def _registry(settings: Settings):
    """The registry in MLflow's database, so that nothing has to run."""
    from cardshop.training.registry import Registry  # imports mlflow, which takes seconds

    return Registry(settings.store, settings.models)


def _until(condition) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise NotPossible("The supervisor does not follow: see `cardshop logs supervisor`.")
        time.sleep(0.1)
