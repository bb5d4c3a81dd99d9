"""Rulings: always a person's, never the machine's."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.cases import Case, CaseState, Ruling, Verdict
from bot.ports import CaseStore, Clock


class Review:
    """Let moderators read the queue and rule; `announce` is called when a card must change."""

    def __init__(self, *, cases: CaseStore, clock: Clock, announce: Callable[[], None]) -> None:
        self._cases = cases
        self._clock = clock
        self._announce = announce

    async def rule(self, guild_id: int, number: int, ruling: Ruling, moderator_id: int, reason: str) -> Case:
        """Record a verdict and return the case; raise `NoSuchCaseError` for another server's or no case."""
        verdict = Verdict(ruling, moderator_id, self._clock.now(), reason.strip())
        case = await self._cases.add_verdict(guild_id, number, verdict)
        self._announce()
        return case

    async def case(self, guild_id: int, number: int) -> Case:
        """Return one case; raise `NoSuchCaseError`."""
        return await self._cases.get(guild_id, number)

    async def queue(self, guild_id: int, page: int, per_page: int) -> tuple[list[Case], int]:
        """Return a page (from 0) of open cases, most pressing first, and how many are open."""
        return await self._cases.queue(guild_id, state=CaseState.OPEN, offset=page * per_page, limit=per_page)
