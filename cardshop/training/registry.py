"""The registry of models: what `cardshop train` writes to MLflow, and how the service reads it."""

import json
import logging
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when mlflow is imported
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

import mlflow
import polars as pl
import polars.selectors as cs
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature
from sklearn.pipeline import Pipeline

from cardshop.serving.predictor import Predictor

logging.getLogger("mlflow").setLevel(logging.WARNING)  # its progress is not ours

CHAMPION = "champion"
"""The alias of the version that serves."""
CHALLENGER = "challenger"
"""The alias of the version that a rollout is about."""
DATA_VERSION = "data_version"
TRUSTED = [
    "cardshop.features.CardFeatures",
    "cardshop.training.encoding.Encoder",
    "cardshop.training.tasks.task.Tabular",
    "cardshop.training.boosting.Boosting",
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
    "xgboost.sklearn.XGBRegressor",
]
"""The types that a stored model may consist of, besides those of scikit-learn. Nothing else is loaded."""


MISSING = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")  # MLflow: no such model, no such alias


class NoModel(LookupError):
    """The registry has no such version, or its files are missing or broken; the message says what to do."""


@dataclass(frozen=True)
class Version:
    """A version of a registered model, and where its files lie."""

    name: str
    version: str
    run_id: str
    data_version: str

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Version":
        try:
            return cls(**json.loads(text))
        except TypeError as error:
            raise ValueError(f"not a version: {text[:100]}") from error


@dataclass(frozen=True)
class Registry:
    """MLflow at a tracking URI. `kept` holds copies of loaded models; `artifacts`, a URI, is where new ones are stored.

    Without `artifacts` MLflow decides: a server knows its place, a database without a server takes the current folder.
    """

    uri: str
    kept: Path
    artifacts: str | None = None

    def register(
        self, name: str, model: Pipeline, example: pl.DataFrame, run: dict, texts: dict[str, str]
    ) -> Version:
        """Store a model as the next version of `name`, with its run: `run` has `params`, `metrics` and `tags`.

        `texts` are kept beside it by file name, such as the model card. `example` becomes input example and signature.
        The version has no alias yet: `promote` gives it one.
        """
        mlflow.set_tracking_uri(self.uri)
        if mlflow.get_experiment_by_name(name) is None:
            mlflow.create_experiment(name, self.artifacts)
        mlflow.set_experiment(name)
        example = example.cast(
            {cs.integer(): pl.Float64}
        ).to_pandas()  # whole numbers of MLflow cannot be missing
        asked = "predict_proba" if hasattr(model, "predict_proba") else "predict"
        with mlflow.start_run() as started:
            mlflow.log_params(run["params"])
            mlflow.log_metrics(run["metrics"])
            mlflow.set_tags(run["tags"])
            for file, text in texts.items():
                mlflow.log_text(text, file)
            stored = mlflow.sklearn.log_model(
                model,
                name="model",
                serialization_format="skops",
                skops_trusted_types=TRUSTED,
                pip_requirements=["ml-dojo"],
                pyfunc_predict_fn=asked,
                signature=infer_signature(example, getattr(model, asked)(example)),
                input_example=example.head(3),
            )
        client, data_version = self._client, run["tags"][DATA_VERSION]
        with suppress(MlflowException):  # the name is known already
            client.create_registered_model(name)
        version = client.create_model_version(
            name,
            stored.model_uri,
            started.info.run_id,
            {DATA_VERSION: data_version},
            model_id=stored.model_id,
        )
        return Version(name, str(version.version), started.info.run_id, data_version)

    def promote(self, version: Version, alias: str = CHAMPION) -> None:
        """Let the alias point to this version."""
        self._client.set_registered_model_alias(version.name, alias, version.version)

    def find(self, name: str, alias: str = CHAMPION) -> Version:
        """Return the version that an alias points to. Raises NoModel, and MlflowException without a registry."""
        try:
            found = self._client.get_model_version_by_alias(name, alias)
        except MlflowException as error:
            if error.error_code not in MISSING:
                raise
            raise NoModel(
                f"The registry has no {alias} of {name}: run `cardshop train`. ({error.error_code})"
            ) from None
        return Version(name, str(found.version), found.run_id, found.tags.get(DATA_VERSION, "unknown"))

    def version(self, name: str, number: str) -> Version:
        """Return the version with this number. Raises NoModel, and MlflowException without a registry."""
        try:
            found = self._client.get_model_version(name, number)
        except MlflowException as error:
            if error.error_code not in MISSING:
                raise
            numbers = sorted(
                int(one.version) for one in self._client.search_model_versions(f"name = '{name}'")
            )
            raise NoModel(
                f"The registry has no version {number} of {name}; it has {', '.join(map(str, numbers)) or 'none'}."
            ) from None
        return Version(name, str(found.version), found.run_id, found.tags.get(DATA_VERSION, "unknown"))

    def trained_at(self, name: str, alias: str = "") -> float:
        """When the newest version was registered, or that of an alias, in seconds since 1970. Raises NoModel."""
        if alias:
            found = self._client.get_model_version(name, self.find(name, alias).version)
            return found.creation_timestamp / 1000
        newest = self._client.search_model_versions(f"name = '{name}'", 1, ["creation_timestamp DESC"])
        if not newest:
            raise NoModel(f"The registry has no version of {name}: run `cardshop train`.")
        return newest[0].creation_timestamp / 1000

    def fetch(self, version: Version) -> Predictor:
        """Load a version, from `kept` where it was loaded before; the copy there is whole or absent.

        Raises NoModel where its files are missing or broken.
        """
        home = self.kept / version.name / version.version
        if not home.exists():
            self._download(version, home)
        try:
            model = mlflow.sklearn.load_model(str(home))
        except Exception as error:  # whatever a broken file makes skops, zip or JSON raise
            raise NoModel(
                f"{version.name} {version.version} cannot be loaded: {error}. Delete {home} to fetch it again."
            ) from error
        return Predictor(model, version.name, version.version, version.data_version)

    def _download(self, version: Version, home: Path) -> None:
        mlflow.set_tracking_uri(self.uri)
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent) as folder:
            files = Path(folder, "files")
            try:
                mlflow.artifacts.download_artifacts(
                    artifact_uri=f"models:/{version.name}/{version.version}", dst_path=str(files)
                )
            except (MlflowException, OSError) as error:
                raise NoModel(f"{version.name} {version.version} cannot be fetched: {error}") from None
            files.rename(home)

    @property
    def _client(self) -> MlflowClient:
        return MlflowClient(self.uri)
