"""Rulings: always a person's, never the machine's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.cases import Case, Ruling, Verdict
from bot.ports import CaseStore, Clock


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the open cases; `total` counts those of all pages, `number` is the page's own, from 0."""

    cases: list[Case]
    total: int
    number: int


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

    async def queue(self, guild_id: int, number: int, per_page: int) -> QueuePage:
        """Return a page (from 0) of open cases, most pressing first; one past the end becomes the last."""
        cases, total = await self._cases.queue(guild_id, offset=number * per_page, limit=per_page)
        last = max(0, (total - 1) // per_page)
        if number > last:
            number = last
            cases, total = await self._cases.queue(guild_id, offset=number * per_page, limit=per_page)
        return QueuePage(cases, total, number)
