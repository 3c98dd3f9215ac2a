"""What can be set about the monitor, from the environment."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every field is read from the variable CARDSHOP_<FIELD>; what is not set has the value below."""

    model_config = SettingsConfigDict(env_prefix="CARDSHOP_", frozen=True)

    journal: Path = Path("journal")  # what the service writes
    reference: Path = Path("reference.parquet")  # the cards that later ones are compared with
    prometheus: str = ""  # where Prometheus answers, which counts the error budget; empty: nowhere
    look: float = Field(2.0, gt=0)  # seconds between two looks at the journal
