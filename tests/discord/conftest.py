"""A home for the bot: a simulated server with members, moderators and channels, and a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import discord
import pytest
import simcord

from bot.app import Application, build_application
from bot.ports import Stores
from bot.storage import SqlDatabase
from config.schema import Settings
from tests.fakes import FakeClassifier

FRAMING = "and what about Iraq? nobody here posted a word"
PLAIN = "I think the ceasefire talks should go on."


class SimulatedClock:
    """The simulated Discord's clock, the machine's before there is one."""

    env: simcord.Env | None = None

    def now(self) -> datetime:
        """Return the simulated present."""
        return self.env.now() if self.env else datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait in real time: only background loops do, and they end with the test."""
        await asyncio.sleep(seconds)


@dataclass
class Home:
    """One server with the bot in it."""

    env: simcord.Env
    application: Application
    stores: Stores
    classifier: FakeClassifier
    scores: dict[str, float]
    guild: simcord.GuildHandle
    general: simcord.ChannelHandle
    mods: simcord.ChannelHandle
    anna: simcord.MemberActor
    ben: simcord.MemberActor
    moderator: simcord.MemberActor
    expected_errors: int = 0

    async def says(self, author: simcord.MemberActor, text: str, **extra: object) -> discord.Message:
        """Let a member post, and wait until the bot is done with it."""
        message = await author.send(self.general, text, **extra)
        await self.done()
        return message

    async def done(self) -> None:
        """Wait until everything taken in was screened and everything due was said."""
        await self.application.drain()
        await self.env.settle()

    def cards(self) -> list[discord.Message]:
        """Return the cards in the moderators' channel, oldest first."""
        return [m for m in self.mods.history() if m.embeds]

    async def set_up(self) -> None:
        """Watch the general channel and report to the moderators' channel, as a moderator would."""
        await self.moderator.slash(self.mods, "watch add", channel=self.general)
        await self.moderator.slash(self.mods, "report-here")
        await self.moderator.slash(self.mods, "dry-run", state="off")


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    """Bring up a server with the bot, set up and out of dry run."""
    scores = {FRAMING: 0.9}
    classifier = FakeClassifier(scores=scores, embeddings={FRAMING: (1.0, 0.0)})
    database = SqlDatabase(path=tmp_path / "test.sqlite3", key_file=tmp_path / "test.key")
    async with database.open() as stores:
        clock = SimulatedClock()
        application = build_application(Settings(), classifier=classifier, stores=stores, clock=clock)
        env = clock.env = simcord.Env(application.client)
        await env.start()
        guild = env.create_guild(name="Town Square")
        role = guild.create_role("Moderators", permissions=discord.Permissions(manage_messages=True))
        found = Home(
            env=env,
            application=application,
            stores=stores,
            classifier=classifier,
            scores=scores,
            guild=guild,
            general=guild.create_text_channel("general"),
            mods=guild.create_text_channel("mods"),
            anna=guild.add_member(env.create_user("anna")),
            ben=guild.add_member(env.create_user("ben")),
            moderator=guild.add_member(env.create_user("mo"), roles=[role]),
        )
        async with application.running():
            await found.set_up()
            yield found
        await env.shutdown()
        assert len(env.errors) == found.expected_errors, env.errors


def said(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    """Return what the bot answered, at once or after having deferred."""
    answers = [*([result.response] if result.response else []), *result.followups]
    assert answers, "the bot answered nothing"
    return answers[-1]
