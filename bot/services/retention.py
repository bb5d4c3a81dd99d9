"""Forget words on time."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.ports import CaseStore, Clock, PreferenceStore

log = logging.getLogger(__name__)

CHECK_SECONDS = 3600.0
"""How often old words are looked for."""


class Retention:
    """Remove message text older than each server's retention; counts and verdicts stay."""

    def __init__(self, *, preferences: PreferenceStore, cases: CaseStore, clock: Clock) -> None:
        self._preferences = preferences
        self._cases = cases
        self._clock = clock

    async def run(self) -> None:
        """Forget every hour, until cancelled."""
        while True:
            try:
                await self.forget_old()
            except Exception:
                log.exception("old words could not be removed; tried again in an hour")
            await self._clock.sleep(CHECK_SECONDS)

    async def forget_old(self) -> int:
        """Forget in every server; return in how many cases words were removed."""
        forgotten = 0
        for preferences in await self._preferences.all():
            before = self._clock.now() - timedelta(days=preferences.retention_days)
            forgotten += await self._cases.forget_texts(preferences.guild_id, before)
        return forgotten
