"""Settings: environment variables that begin with NIANBAO_, or a `.env` file; the command line
overrides them.

NIANBAO_DATABASE, NIANBAO_INPUT, NIANBAO_CORRECTIONS, NIANBAO_STAGING (or its earlier name
NIANBAO_SHARDS), NIANBAO_WORKERS, NIANBAO_BATCH; for crawling NIANBAO_VAULT, NIANBAO_SOURCES,
NIANBAO_FAILING_DAYS, NIANBAO_CONTACT, NIANBAO_BROWSER, NIANBAO_LOOPBACK; for nights
NIANBAO_MOST_REJECTED, NIANBAO_STRICT; for mail NIANBAO_SMTP, NIANBAO_NOTIFY. A wrong value, a name
that begins like ours and is none, and a line of `.env` that gives nothing are refused at start.
"""

import os
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from pydantic import AliasChoices, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from data import ConfigError

_FILE = ".env"
_PREFIX: Final = "NIANBAO_"
_OTHER_NAMES: Final = ("NIANBAO_SHARDS", "NIANBAO_NIGHT", "NIANBAO_REQUIRE_ALL")


class Settings(BaseSettings):
    """What a run needs to know. Paths are taken from the folder in which the command is started."""

    model_config = SettingsConfigDict(
        env_prefix="NIANBAO_",
        env_file=_FILE,
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
    )

    database: Path = Field(Path("data/out/nianbao.duckdb"), description="the warehouse")
    input: Path = Field(
        Path("data/samples"), description="the folder that is read when none is named"
    )
    corrections: Path | None = Field(
        None, description="the folder of corrections; by default data/corrections of the project"
    )
    staging: Path | None = Field(
        None,
        validation_alias=AliasChoices("staging", "NIANBAO_STAGING", "NIANBAO_SHARDS"),
        description="where results wait until they are published; by default beside the warehouse",
    )
    workers: int = Field(max(1, os.cpu_count() or 1), ge=1, le=256, description="reader processes")
    batch: int = Field(200, ge=1, le=10_000, description="documents in one task")
    vault: Path = Field(Path("data/vault"), description="where fetched files are kept")
    sources: Path | None = Field(
        None,
        description=(
            "the registry of sources, a file or a folder; by default the one that comes with the "
            "program"
        ),
    )
    most_rejected: float = Field(
        0.5,
        ge=0,
        le=1,
        description=(
            "the share of the documents of a night, new or read again, that may be rejected before "
            "a person must look"
        ),
    )
    strict: bool = Field(
        False,
        description="a night after which a person must look counts as failed",
    )
    failing_days: int = Field(
        3,
        ge=1,
        le=366,
        description=(
            "on how many days in a row a listed address may give nothing before its source is "
            "failing"
        ),
    )
    contact: str = Field(
        "",
        description=(
            "mail or web address that is sent with every request, so that a site's owner can "
            "reach who crawls"
        ),
    )
    smtp: str = Field(
        "",
        pattern=r"^(?:\S+:\d{1,5})?$",
        description="host:port of the mail server that failures are told over; none: no mail",
    )
    notify: str = Field(
        "",
        pattern=r"^(?:[^@\s]+@[^@\s]+)?$",
        description="the mail address that failures are told to",
    )
    browser: bool = Field(
        False,
        description=(
            "show pages that scripts make in Chromium, which must be installed; slower, and not "
            "as root"
        ),
    )
    loopback: bool = Field(
        False, description="fetch from this machine's own addresses too: for tests"
    )

    @property
    def staging_folder(self) -> Path:
        """Where batches wait for this warehouse: each has its own, so that one run never publishes
        what another has read.
        """
        return self.staging or self.database.with_name(f"{self.database.name}.staging")


def load_settings(**overrides: object) -> Settings:
    """The settings with `overrides` that are not None; ConfigError that names each wrong one."""
    given = {k: v for k, v in overrides.items() if v is not None}
    try:
        faults = [*_unknown_names(os.environ, "the environment"), *_faults_of_file(Path(_FILE))]
        if faults:
            raise ConfigError("; ".join(faults))
        made = Settings(**given)  # type: ignore[arg-type]  # pydantic validates them
    except ValidationError as error:
        faults = [
            _fault(str(e["loc"][0]), e["type"], e["msg"], e["input"], given)
            for e in error.errors(include_url=False)
        ]
        raise ConfigError("; ".join(faults)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{_FILE}: is no UTF-8 text ({error.reason} at byte {error.start}): save it as UTF-8"
        ) from error
    if bool(made.smtp) != bool(made.notify):
        one, other = ("SMTP", "NOTIFY") if made.smtp else ("NOTIFY", "SMTP")
        raise ConfigError(
            f"NIANBAO_{one} is set and NIANBAO_{other} is not: no mail could be sent; set both or "
            "none"
        )
    return made


def _unknown_names(names: Iterable[str], where: str) -> Iterator[str]:
    """What is wrong with names that begin like settings and are none."""
    known = [*(f"{_PREFIX}{name.upper()}" for name in Settings.model_fields), *_OTHER_NAMES]
    for name in names:
        if name.upper().startswith(_PREFIX) and name.upper() not in known:
            near = get_close_matches(name.upper(), known, 1)
            meant = f": did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"
            yield f"{name} in {where} is no setting{meant}"


def _faults_of_file(file: Path) -> Iterator[str]:
    """What is wrong with the lines of a `.env` file that is there."""
    if not file.is_file():
        return
    names: list[str] = []
    for number, line in enumerate(file.read_text("utf-8-sig").splitlines(), 1):
        stripped = line.strip().removeprefix("export ")
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, _ = stripped.partition("=")
        if not equals or not name.strip().isidentifier():
            yield f"{file}, line {number}: {line.strip()!r} is no NAME=value"
        else:
            names.append(name.strip())
    yield from _unknown_names(names, str(file))


def _fault(name: str, kind: str, said: str, value: object, given: dict[str, object]) -> str:
    if kind == "string_pattern_mismatch":  # the pattern tells nobody anything
        said = f"give {Settings.model_fields[name].description}"
    where = f"--{name}" if name in given else f"NIANBAO_{name.upper()}"
    return f"{where} is {str(value)!r}: {said[:1].lower()}{said[1:]}"
