"""Where the stack lies and listens. `cardshop up` writes it down; every other command reads it."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from cardshop.world.store import DATA, PROJECT

FOLDER = DATA / "stack"
RULES = PROJECT / "deploy" / "prometheus" / "rules.yml"


class Settings(BaseModel):
    """The settings of one stack. Everything of it lies in `folder` and listens on `host`, this machine alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path = FOLDER
    host: str = "127.0.0.1"
    service_port: int = Field(8000, gt=0, lt=65_536)
    mlflow_port: int = Field(5000, gt=0, lt=65_536)
    monitor_port: int = Field(8001, gt=0, lt=65_536)
    prometheus_port: int = Field(9090, gt=0, lt=65_536)
    database: str = ""  # of MLflow, such as postgresql://…; empty: SQLite in the folder
    artifacts: str = ""  # of MLflow, such as s3://…; empty: in the folder

    @property
    def store(self) -> str:
        """The database of MLflow, as a URI."""
        return self.database or f"sqlite:///{self.folder / 'mlflow.db'}"

    @property
    def artifact_root(self) -> str:
        """Where MLflow stores models, as a URI."""
        return self.artifacts or (self.folder / "artifacts").as_uri()

    @property
    def live(self) -> Path:
        """Where journal, reference, releases and alert rules lie: during an incident apart, so that nothing stays."""
        apart = self.folder / "incident"
        return apart if (apart / "incident.json").exists() else self.folder

    @property
    def models(self) -> Path:
        """Copies of the models that were loaded."""
        return self.folder / "models"

    @property
    def journal(self) -> Path:
        """Predictions and feedback, as the service writes them."""
        return self.live / "journal"

    @property
    def reference(self) -> Path:
        """The cards that the monitor compares later ones with."""
        return self.live / "monitor" / "reference.parquet"

    @property
    def rollout(self) -> Path:
        """The plan that runs, and the audit log."""
        return self.folder / "rollout"

    @property
    def retraining(self) -> Path:
        """What the triggers of a retraining remember."""
        return self.live / "retraining"

    @property
    def releases(self) -> Path:
        """The releases of the service, a folder for each."""
        return self.live / "releases"

    @property
    def rules(self) -> Path:
        """The alert rules that Prometheus follows; during an incident they have a faster clock."""
        fast = self.live / "rules.yml"
        return fast if fast.exists() else RULES

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def url(self, name: str) -> str:
        """Where a component answers."""
        return f"http://{self.host}:{getattr(self, f'{name}_port')}"

    def write(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "settings.json"
        file.touch(mode=0o600)  # the database's URI may have a password
        file.write_text(self.model_dump_json(indent=1), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Settings":
        """The settings of the last `up` in this folder, or the usual ones. Raises ValueError for a broken file."""
        try:
            return cls.model_validate_json((folder / "settings.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls(folder=folder)
