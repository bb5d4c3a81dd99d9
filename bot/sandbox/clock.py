"""Tell the simulated time, and wake sleepers when it moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class SimulatedClock:
    """The bot's clock on a simulated Discord: it stands still until somebody moves it."""

    def __init__(self) -> None:
        self._read: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._moved = asyncio.Condition()

    def follow(self, read: Callable[[], datetime]) -> None:
        """Take the time from there from now on."""
        self._read = read

    def now(self) -> datetime:
        """Return the simulated present."""
        return self._read()

    async def sleep(self, seconds: float) -> None:
        """Wait until the simulated time is `seconds` later."""
        until = self.now() + timedelta(seconds=seconds)
        async with self._moved:
            await self._moved.wait_for(lambda: self.now() >= until)

    async def tell_moved(self) -> None:
        """Wake whoever's time has come."""
        async with self._moved:
            self._moved.notify_all()
