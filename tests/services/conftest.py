"""The services on fakes, put together as the composition root does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.cases import Case
from bot.domain.preferences import Preferences
from bot.ports import Stores
from bot.services.aftermath import Aftermath
from bot.services.alerts import Alerts
from bot.services.catch_up import CatchUp
from bot.services.digests import DigestBuilder, DigestScheduler
from bot.services.intake import Intake
from bot.services.screening import Screener
from bot.services.summaries import Summarizer
from tests.factories import GUILD, preferences
from tests.fakes import FakeClassifier, FakeClock, FakeDatabase, FakeHistory, FakeModChannel


@dataclass
class Bench:
    """Every service with the fakes around it; `announced` counts the news."""

    clock: FakeClock
    database: FakeDatabase
    classifier: FakeClassifier = field(default_factory=FakeClassifier)
    history: FakeHistory = field(default_factory=FakeHistory)
    mod_channel: FakeModChannel = field(default_factory=FakeModChannel)
    announced: int = 0

    @property
    def stores(self) -> Stores:
        """Return the stores."""
        return self.database.stores

    def announce(self) -> None:
        """Count a piece of news."""
        self.announced += 1

    async def choose(self, **changes: Any) -> Preferences:
        """Save preferences of a watched server."""
        chosen = preferences(**changes)
        await self.stores.preferences.save(chosen)
        return chosen

    async def cases(self) -> list[Case]:
        """Return all cases, by number."""
        found, _ = await self.stores.cases.queue(GUILD, state=None, limit=1000)
        return sorted(found, key=lambda c: c.number)

    def screener(self, aftermath: Aftermath | None = None) -> Screener:
        """Build a screener."""
        return Screener(
            classifier=self.classifier,
            preferences=self.stores.preferences,
            cases=self.stores.cases,
            aftermath=aftermath or self.aftermath(),
            clock=self.clock,
            announce=self.announce,
        )

    def aftermath(self) -> Aftermath:
        """Build what marks cases after the fact."""
        return Aftermath(cases=self.stores.cases, announce=self.announce)

    def intake(self, *, queue_size: int = 100, workers: int = 4) -> Intake:
        """Build an intake whose server has no known gap."""
        intake = Intake(
            screener=self.screener(),
            watermarks=self.stores.watermarks,
            queue_size=queue_size,
            workers=workers,
        )
        intake.gaps_held(GUILD)
        return intake

    def catch_up(self, intake: Intake, *, per_round: int = 100) -> CatchUp:
        """Build a catch-up of three days."""
        return CatchUp(
            intake=intake,
            history=self.history,
            preferences=self.stores.preferences,
            watermarks=self.stores.watermarks,
            cases=self.stores.cases,
            clock=self.clock,
            max_age=timedelta(days=3),
            per_round=per_round,
        )

    def digests(self) -> DigestBuilder:
        """Build a digest builder."""
        return DigestBuilder(cases=self.stores.cases, preferences=self.stores.preferences, clock=self.clock)

    def scheduler(self) -> DigestScheduler:
        """Build a digest scheduler."""
        return DigestScheduler(
            preferences=self.stores.preferences,
            outbox=self.stores.outbox,
            clock=self.clock,
            announce=self.announce,
        )

    def alerts(self) -> Alerts:
        """Build the alerts."""
        return Alerts(
            outbox=self.stores.outbox,
            cases=self.stores.cases,
            preferences=self.stores.preferences,
            summarizer=Summarizer(history=self.history, cases=self.stores.cases),
            digests=self.digests(),
            mod_channel=self.mod_channel,
            clock=self.clock,
        )


@pytest.fixture
def bench(clock: FakeClock, database: FakeDatabase) -> Bench:
    """Return services on fakes."""
    return Bench(clock, database)


@asynccontextmanager
async def working(intake: Intake) -> AsyncIterator[None]:
    """Run an intake's workers while the block runs."""
    task = asyncio.create_task(intake.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def everybody_waits() -> None:
    """Let every task go on until it waits for something that will not come by itself."""
    for _ in range(100):
        await asyncio.sleep(0)
