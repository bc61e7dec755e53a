"""Settings: environment variables that begin with NIANBAO_, or a `.env` file; the command line overrides them.

NIANBAO_DATABASE, NIANBAO_INPUT, NIANBAO_SHARDS, NIANBAO_WORKERS, NIANBAO_BATCH. A wrong value is refused at start.
"""

import os
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from transform.strict_yaml import ConfigError


class Settings(BaseSettings):
    """What a run needs to know. Paths are taken from the folder in which the command is started."""

    model_config = SettingsConfigDict(env_prefix="NIANBAO_", env_file=".env", extra="ignore", frozen=True)

    database: Path = Field(Path("data/out/nianbao.duckdb"), description="the warehouse")
    input: Path = Field(Path("data/samples"), description="the folder that is read when none is named")
    shards: Path = Field(Path("data/out/shards"), description="where results wait until they are published")
    workers: int = Field(max(1, os.cpu_count() or 1), ge=1, le=256, description="reader processes")
    batch: int = Field(200, ge=1, le=10_000, description="documents in one task")


def load_settings(**overrides: object) -> Settings:
    """The settings with `overrides` that are not None; ConfigError that names each wrong one."""
    try:
        return Settings(**{k: v for k, v in overrides.items() if v is not None})  # type: ignore[arg-type]  # pydantic validates them
    except ValidationError as error:
        faults = "; ".join(f"NIANBAO_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors(include_url=False))
        raise ConfigError(f"settings: {faults}") from error
