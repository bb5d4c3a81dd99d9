"""The operator's settings: pure data, one place for every name, unit and default."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

_FROZEN = ConfigDict(extra="forbid", frozen=True)


class DiscordSettings(BaseModel):
    """How Discord, or a server that speaks its protocol, is reached."""

    model_config = _FROZEN
    token: SecretStr = SecretStr("")
    api_url: str = "https://discord.com/api/v10"
    gateway_url: str = ""
    """Websocket URL to use instead of the one the API names; empty: ask the API."""
    cdn_url: str = "https://cdn.discordapp.com"


class StorageSettings(BaseModel):
    """Where the database and its key are kept."""

    model_config = _FROZEN
    path: Path = Path("data/evenhand.sqlite3")
    key_file: Path = Path("data/evenhand.key")
    key: SecretStr = SecretStr("")
    """The key itself, for operators who keep secrets in the environment; wins over the file."""


class ClassifierSettings(BaseModel):
    """Which model reads the words, and how it is fed."""

    model_config = _FROZEN
    encoder: str = "bundled"
    """`bundled`, a local folder, or a hub id."""
    weights: Path = Path("classifiers/weights")
    seeds: Path = Path("seeds")
    device: str = "cpu"
    threads: int = Field(default=0, ge=0)
    """Threads for the model; 0: all cores but one, so that the gateway keeps one."""
    batch_size: int = Field(default=32, ge=1)
    batch_wait_ms: int = Field(default=15, ge=0)
    queue_size: int = Field(default=2000, ge=1)


class IntakeSettings(BaseModel):
    """How posts are taken in, and how a gap is filled."""

    model_config = _FROZEN
    queue_size: int = Field(default=5000, ge=1)
    workers: int = Field(default=64, ge=1)
    catch_up_messages: int = Field(default=2000, ge=0)
    """At most this many messages per channel are fetched after a gap."""
    catch_up_hours: int = Field(default=72, ge=0)


class LogSettings(BaseModel):
    """What is logged; never message text, never tokens."""

    model_config = _FROZEN
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class HealthSettings(BaseModel):
    """The file whose age tells a container that the bot is alive."""

    model_config = _FROZEN
    file: Path = Path("data/alive")
    interval_seconds: float = Field(default=15.0, gt=0)


class Settings(BaseModel):
    """Everything an operator owns; moderators' choices live in the database instead."""

    model_config = _FROZEN
    discord: DiscordSettings = DiscordSettings()
    storage: StorageSettings = StorageSettings()
    classifier: ClassifierSettings = ClassifierSettings()
    intake: IntakeSettings = IntakeSettings()
    log: LogSettings = LogSettings()
    health: HealthSettings = HealthSettings()
