"""The operator's settings: pure data, one place for every name, unit and default."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

_FROZEN = ConfigDict(extra="forbid", frozen=True)

DISCORD_API_URL = "https://discord.com/api/v10"
"""Discord's own REST base; any other one is a self-hosted server."""


def _http_address(value: str) -> str:
    """Return an address without its closing slash; raise `ValueError` when it is not http(s)."""
    if not value.startswith(("https://", "http://")):
        raise ValueError("must start with https:// or http://")
    return value.rstrip("/")


def _socket_address(value: str) -> str:
    """Return an address without its closing slash; raise `ValueError` unless it is empty or ws(s)."""
    if value and not value.startswith(("wss://", "ws://")):
        raise ValueError("must start with wss:// or ws://, or be empty")
    return value.rstrip("/")


class DiscordSettings(BaseModel):
    """How Discord, or a server that speaks its protocol, is reached."""

    model_config = _FROZEN
    token: SecretStr = SecretStr("")
    api_url: Annotated[str, AfterValidator(_http_address)] = DISCORD_API_URL
    gateway_url: Annotated[str, AfterValidator(_socket_address)] = ""
    """Websocket URL to use instead of the one the API names; empty: ask the API."""
    cdn_url: Annotated[str, AfterValidator(_http_address)] = "https://cdn.discordapp.com"
    message_content: bool = True
    """Ask for the message-content intent; without it only what moderators ask about can be looked at."""

    @property
    def is_self_hosted(self) -> bool:
        """Say whether something other than Discord itself is spoken to."""
        return self.api_url != DISCORD_API_URL or bool(self.gateway_url)


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

    @property
    def threads_used(self) -> int:
        """Return how many threads the model gets, at least one."""
        return self.threads or max(1, (os.cpu_count() or 1) - 1)


class IntakeSettings(BaseModel):
    """How posts are taken in, and how a gap is filled."""

    model_config = _FROZEN
    queue_size: int = Field(default=5000, ge=1)
    workers: int = Field(default=64, ge=1)
    catch_up_messages: int = Field(default=2000, ge=1)
    """At most this many messages of a channel are fetched in one turn; then other channels have theirs."""
    catch_up_hours: int = Field(default=72, ge=0)
    """How far back a gap is filled. Of what is older, one turn per channel is counted as not screened; what
    lies beyond is neither fetched nor counted, and the log names the channel."""


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


class SettingsError(Exception):
    """The settings cannot be used; the message is one line that names the key, the file and the remedy."""
