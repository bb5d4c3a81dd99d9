"""The composition root: the only place that chooses concrete parts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.client import EvenhandClient
from bot.cogs.check import Check
from bot.cogs.desk import Desk
from bot.cogs.history import DiscordHistory
from bot.cogs.reports import Reports
from bot.cogs.setup import Setup
from bot.cogs.watch import Watch
from bot.ports import Clock, Stores
from bot.services.aftermath import Aftermath
from bot.services.alerts import Alerts
from bot.services.catch_up import CatchUp
from bot.services.digests import DigestBuilder, DigestScheduler
from bot.services.intake import Intake
from bot.services.retention import Retention
from bot.services.review import Review
from bot.services.screening import Screener
from bot.services.summaries import Summarizer
from bot.services.watching import Watching
from bot.ui.mod_channel import ChosenModChannel, DiscordModChannel, DryRunModChannel
from classifiers.contract import Classifier
from config.schema import Settings


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present as an aware UTC time."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Application:
    """One bot with its parts; `running` keeps its background work going."""

    client: EvenhandClient
    stores: Stores
    classifier: Classifier
    intake: Intake
    catch_up: CatchUp
    alerts: Alerts
    scheduler: DigestScheduler
    retention: Retention
    watching: Watching
    review: Review

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        """Run the background loops while the block runs; the task given ends only when one of them fails.

        The loops belong to the caller's context, not to the client's, so that a simulated Discord does not
        wait for them.
        """
        loops = asyncio.create_task(self._loops())
        try:
            yield loops
        finally:
            loops.cancel()
            await asyncio.gather(loops, return_exceptions=True)

    async def _loops(self) -> None:
        async with asyncio.TaskGroup() as group:
            for part in (self.intake, self.catch_up, self.alerts, self.scheduler, self.retention):
                group.create_task(part.run())

    async def drain(self) -> None:
        """Wait until what was taken in is screened and what is due is said."""
        await self.intake.drain()
        await self.alerts.say_due()


def build_application(
    settings: Settings, *, classifier: Classifier, stores: Stores, clock: Clock
) -> Application:
    """Put the bot together from its parts; nothing is started."""
    client = EvenhandClient(message_content=settings.discord.message_content)
    history = DiscordHistory(client)
    real = DiscordModChannel(client)
    summarizer = Summarizer(history=history, cases=stores.cases)
    digests = DigestBuilder(cases=stores.cases, preferences=stores.preferences, clock=clock)
    alerts = Alerts(
        outbox=stores.outbox,
        cases=stores.cases,
        preferences=stores.preferences,
        summarizer=summarizer,
        digests=digests,
        mod_channel=ChosenModChannel(real=real, dry_run=DryRunModChannel(real)),
        clock=clock,
    )
    aftermath = Aftermath(cases=stores.cases, announce=alerts.announce)
    screener = Screener(
        classifier=classifier,
        preferences=stores.preferences,
        cases=stores.cases,
        aftermath=aftermath,
        clock=clock,
        announce=alerts.announce,
    )
    intake = Intake(
        screener=screener,
        watermarks=stores.watermarks,
        queue_size=settings.intake.queue_size,
        workers=settings.intake.workers,
        known=stores.preferences.known,
    )
    catch_up = CatchUp(
        intake=intake,
        history=history,
        preferences=stores.preferences,
        watermarks=stores.watermarks,
        cases=stores.cases,
        clock=clock,
        max_age=timedelta(hours=settings.intake.catch_up_hours),
        per_round=settings.intake.catch_up_messages,
    )
    review = Review(cases=stores.cases, clock=clock, announce=alerts.announce)
    watching = Watching(preferences=stores.preferences, watermarks=stores.watermarks, clock=clock)
    desk = Desk(client, review=review, summarizer=summarizer, watching=watching)
    client.desk = desk
    client.give(
        Watch(client, intake=intake, catch_up=catch_up, aftermath=aftermath, clock=clock),
        Setup(client, watching=watching),
        desk,
        Check(client, screener=screener),
        Reports(
            client,
            classifier=classifier,
            intake=intake,
            cases=stores.cases,
            outbox=stores.outbox,
            watching=watching,
            digests=digests,
            clock=clock,
        ),
    )
    return Application(
        client=client,
        stores=stores,
        classifier=classifier,
        intake=intake,
        catch_up=catch_up,
        alerts=alerts,
        scheduler=DigestScheduler(
            preferences=stores.preferences, outbox=stores.outbox, clock=clock, announce=alerts.announce
        ),
        retention=Retention(preferences=stores.preferences, cases=stores.cases, clock=clock),
        watching=watching,
        review=review,
    )
