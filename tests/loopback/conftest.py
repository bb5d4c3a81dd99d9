"""The bot, run as the command line runs it, against a server on the loopback interface."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr
from rich.console import Console

from bot import live
from bot.client import EvenhandClient
from bot.domain.preferences import Preferences
from bot.endpoints import point_at
from bot.storage.database import SqlDatabase
from config.schema import DiscordSettings, HealthSettings, Settings, StorageSettings
from tests.fakes import FakeClassifier
from tests.loopback.payloads import GENERAL_ID, GUILD_ID, MODS_ID
from tests.loopback.server import LoopbackDiscord

FRAMING = "and what about your own record?"
PLAIN = "the bridge opens on Tuesday"


@dataclass
class Runner:
    """Start and stop the bot on one database."""

    settings: Settings
    classifier: FakeClassifier
    output: io.StringIO = field(default_factory=io.StringIO)

    @property
    def said(self) -> list[str]:
        """Return the lines it printed for the operator."""
        return self.output.getvalue().splitlines()

    def database(self) -> SqlDatabase:
        """Return the bot's database, to be opened while the bot is not running."""
        return SqlDatabase(path=self.settings.storage.path, key_file=self.settings.storage.key_file)

    async def run(self) -> int:
        """Run until it ends by itself or is told to stop; return the exit code."""
        return await live.run_live(self.settings, Console(file=self.output, width=400))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run while the block runs, then stop it as an operator does and see that it ends well."""
        task = asyncio.create_task(self.run())
        try:
            yield
            os.kill(os.getpid(), signal.SIGTERM)
            assert await asyncio.wait_for(task, 8.0) == 0, self.said
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(autouse=True)
def logging_restored() -> Iterator[None]:
    """Put the root logger back as the test runner had it."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture
async def server() -> AsyncIterator[LoopbackDiscord]:
    """Bring the server up."""
    async with LoopbackDiscord().running() as running:
        yield running


@pytest.fixture
def settings(server: LoopbackDiscord, tmp_path: Path) -> Settings:
    """Return settings that point at the server and keep everything in a folder of the test."""
    return Settings(
        discord=DiscordSettings(token=SecretStr(server.token), api_url=server.api_url),
        storage=StorageSettings(path=tmp_path / "bot.sqlite3", key_file=tmp_path / "bot.key"),
        health=HealthSettings(file=tmp_path / "alive"),
    )


@pytest.fixture(autouse=True)
def addresses_restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point discord.py back at Discord after the test."""
    with ExitStack() as stack:
        monkeypatch.setattr(live, "point_at", lambda chosen: stack.enter_context(point_at(chosen)))
        yield


@pytest.fixture
async def bot(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Return a bot that watches the general channel and reports to the moderators' channel."""
    runner = Runner(settings, FakeClassifier(scores={FRAMING: 0.9}))

    async def load_classifier(_: Settings) -> FakeClassifier:
        return runner.classifier

    async def no_pause(*_: object, **__: object) -> None:
        """Identify again at once: the server here asks for no pause."""

    monkeypatch.setattr(live, "load_classifier", load_classifier)
    monkeypatch.setattr(EvenhandClient, "before_identify_hook", no_pause)
    async with runner.database().open() as stores:
        await stores.watermarks.advance(GUILD_ID, GENERAL_ID, 1)
        await stores.preferences.save(
            Preferences(
                guild_id=GUILD_ID,
                watched_channel_ids=frozenset({GENERAL_ID}),
                mod_channel_id=MODS_ID,
                is_dry_run=False,
            )
        )
    return runner
