"""What can be set about the service, from the environment: CARDSHOP_API_KEYS, CARDSHOP_RATE and so on."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from cardshop.training import MODEL


class Settings(BaseSettings):
    """Every field is read from the variable CARDSHOP_<FIELD>; what is not set has the value below."""

    model_config = SettingsConfigDict(env_prefix="CARDSHOP_", frozen=True)

    registry: str = "sqlite:///mlflow.db"  # MLflow's tracking URI
    model: str = MODEL
    poll: float = Field(2.0, gt=0)  # seconds between two looks at the alias
    kept: Path = Path("models")  # copies of the models that were loaded, for when the registry is away
    rollout: Path = Path("rollout")  # the plan that runs, and the audit log
    journal: Path = Path("journal")  # predictions and feedback, as JSON lines
    api_keys: frozenset[str] = frozenset()  # none: everybody may ask
    rate: float = Field(0, ge=0)  # requests a second for each key or address, 0: no limit
    body: int = Field(1_000_000, gt=0)  # bytes
    timeout: float = Field(5.0, gt=0)  # seconds for an answer
    waiting: int = Field(1_000, gt=0)  # requests that may wait for the model
    release: int = Field(0, ge=0)  # the number of the release, for the metrics
