"""The components of the stack: how each is started, and how one sees that it is ready."""

import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from cardshop.stack.releases import Releases, parsed
from cardshop.stack.settings import Settings
from cardshop.training.tracking import QUIET_SERVER

QUIET = QUIET_SERVER | {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",  # the service keeps its model meanwhile, so it need not insist
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "OMP_NUM_THREADS": "1",  # one row is too little work for threads
    "POLARS_MAX_THREADS": "1",
}


@dataclass(frozen=True)
class Component:
    """A process of the stack. It is ready when a GET of `health`, a path, is answered with 200; some do not answer."""

    name: str
    command: tuple[str, ...]
    health: str
    environment: dict[str, str] = field(default_factory=dict)


def components(settings: Settings) -> list[Component]:
    """Return what is to run now, in this order. Raises ReleaseError, and OSError, where a release cannot be read."""
    every = [_mlflow(settings), _service(settings), _monitor(settings)]
    if prometheus := shutil.which("prometheus"):
        every.append(_prometheus(settings, prometheus))
    if settings.live != settings.folder:
        command = (sys.executable, "-m", "cardshop.incidents.director", str(settings.folder))
        every.append(Component("traffic", command, "", QUIET))
    return every


def _mlflow(settings: Settings) -> Component:
    command = (
        *(sys.executable, "-m", "mlflow", "server", "--workers", "1"),
        *("--host", settings.host, "--port", str(settings.mlflow_port)),
        *("--no-serve-artifacts", "--default-artifact-root", settings.artifact_root),
    )
    own = {"MLFLOW_BACKEND_STORE_URI": settings.store}  # may have a password; `ps` shows commands
    return Component("mlflow", command, "/health", QUIET | own)


def _service(settings: Settings) -> Component:
    releases = Releases(settings.releases)
    home = releases.folder / str(number := releases.current())
    text = (
        (home / "settings.env").read_text(encoding="utf-8") if home.exists() else ""
    )  # before the first start
    command = (
        *(sys.executable, "-m", "uvicorn", "--factory", "service:create_app", "--app-dir", str(home)),
        *("--host", settings.host, "--port", str(settings.service_port)),
        *("--no-access-log", "--timeout-graceful-shutdown", "5"),
    )
    own = {
        "CARDSHOP_REGISTRY": settings.url("mlflow"),
        "CARDSHOP_KEPT": str(settings.models),
        "CARDSHOP_JOURNAL": str(settings.journal),
        "CARDSHOP_ROLLOUT": str(settings.rollout),
        "CARDSHOP_RELEASE": str(number),
    }
    return Component("service", command, "/ready", QUIET | parsed(text) | own)


def _monitor(settings: Settings) -> Component:
    command = (
        *(sys.executable, "-m", "uvicorn", "--factory", "cardshop.monitoring.app:create_app"),
        *("--host", settings.host, "--port", str(settings.monitor_port)),
        *("--no-access-log", "--timeout-graceful-shutdown", "5"),
    )
    own = {
        "CARDSHOP_JOURNAL": str(settings.journal),
        "CARDSHOP_REFERENCE": str(settings.reference),
        "CARDSHOP_PROMETHEUS": settings.url("prometheus") if shutil.which("prometheus") else "",
    }
    return Component("monitor", command, "/health", QUIET | own)


def _prometheus(settings: Settings, program: str) -> Component:
    file = settings.folder / "prometheus.yml"
    command = (
        *(program, f"--config.file={file}", f"--storage.tsdb.path={settings.folder / 'prometheus'}"),
        *(
            f"--web.listen-address={settings.host}:{settings.prometheus_port}",
            "--storage.tsdb.retention.time=7d",
        ),
    )
    return Component("prometheus", command, "/-/ready")


def prometheus_configuration(settings: Settings) -> str:
    """What Prometheus scrapes, and the rules that it follows, as YAML."""
    jobs = [
        f"  - {{job_name: {name}, static_configs: [{{targets: ['{settings.host}:{port}']}}]}}\n"
        for name, port in (("service", settings.service_port), ("monitor", settings.monitor_port))
    ]
    return (
        "global: {scrape_interval: 2s, evaluation_interval: 2s}\n"
        f"rule_files: ['{settings.rules}']\n"
        "scrape_configs:\n" + "".join(jobs)
    )


def environment(component: Component) -> dict[str, str]:
    """The variables that a component gets: those of this process, and its own."""
    return dict(os.environ) | component.environment


def log_file(settings: Settings, name: str) -> Path:
    return settings.logs / f"{name}.log"
