"""Slash commands that report: `/status` and `/digest`."""

from __future__ import annotations

import math
from datetime import timedelta

from discord import app_commands
from discord.ext import commands

from bot.cogs.answers import Interaction, answer, defer, guild_of
from bot.ports import CaseStore, Clock, Outbox
from bot.services.digests import DigestBuilder
from bot.services.intake import Intake
from bot.services.watching import Watching
from bot.ui.digest_card import digest_embed
from bot.ui.mod_channel import chart_files
from bot.ui.status_card import Health, status_embed
from classifiers.contract import Classifier

DAY = timedelta(days=1)

LOOK_BACK = timedelta(days=30)
"""How far back the last screening is looked for when the last day had none."""


@app_commands.guild_only()
@app_commands.default_permissions(manage_messages=True)
class DigestGroup(app_commands.Group, name="digest", description="The weekly report"):
    """`/digest now`."""

    def __init__(self, digests: DigestBuilder) -> None:
        super().__init__()
        self._digests = digests

    @app_commands.command(description="Show the report of the last seven days, to you alone")
    async def now(self, interaction: Interaction) -> None:
        """Show the last seven days."""
        await defer(interaction)
        digest = await self._digests.last_week(guild_of(interaction))
        has_chart = interaction.app_permissions.attach_files
        files = await chart_files(digest) if has_chart else []
        await answer(interaction, embed=digest_embed(digest, has_chart=has_chart), files=files)


class Reports(commands.Cog):
    """How the bot is doing, and what the week brought."""

    def __init__(
        self,
        client: commands.Bot,
        *,
        classifier: Classifier,
        intake: Intake,
        cases: CaseStore,
        outbox: Outbox,
        watching: Watching,
        digests: DigestBuilder,
        clock: Clock,
    ) -> None:
        self._client = client
        self._classifier = classifier
        self._intake = intake
        self._cases = cases
        self._outbox = outbox
        self._watching = watching
        self._digests = digests
        self._clock = clock

    async def cog_load(self) -> None:
        """Add the command group to the tree."""
        self._client.tree.add_command(DigestGroup(self._digests))

    @app_commands.command(description="Show the model, the queue, and what was screened")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def status(self, interaction: Interaction) -> None:
        """Show how the bot is doing in this server."""
        await defer(interaction)
        guild_id, now = guild_of(interaction), self._clock.now()
        latency = self._client.latency
        health = Health(
            model_id=self._classifier.info.model_id,
            waiting=self._intake.length + self._classifier.queue_length,
            unsaid=await self._outbox.pending(guild_id),
            latency_ms=latency * 1000 if math.isfinite(latency) else None,
        )
        coverage = await self._cases.coverage(guild_id, now - DAY, now + DAY)
        last = coverage.last_screened_at
        if last is None:
            last = (await self._cases.coverage(guild_id, now - LOOK_BACK, now)).last_screened_at
        preferences = await self._watching.preferences(guild_id)
        await answer(interaction, embed=status_embed(health, coverage, preferences, last))
