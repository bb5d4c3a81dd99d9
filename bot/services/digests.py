"""The weekly report: build it from the cases, and queue it when it is due."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.cases import Case, CaseState
from bot.domain.digests import Digest, TechniqueTally
from bot.domain.preferences import Preferences
from bot.ports import CaseStore, Clock, Outbox, PreferenceStore
from classifiers.taxonomy import Technique

log = logging.getLogger(__name__)

WEEK = timedelta(days=7)
HIGHEST_OPEN = 5
"""How many open cases a digest links to."""

CHECK_SECONDS = 30.0
"""How often the scheduler looks whether a digest is due."""

AGES = (("under a day", timedelta(days=1)), ("1–3 days", timedelta(days=3)), ("3–7 days", WEEK))
OLDEST_AGE = "over a week"


class DigestBuilder:
    """Count one server's week; nothing in it ranks people."""

    def __init__(self, *, cases: CaseStore, preferences: PreferenceStore, clock: Clock) -> None:
        self._cases = cases
        self._preferences = preferences
        self._clock = clock

    async def build(self, guild_id: int, since: datetime, until: datetime) -> Digest:
        """Build the digest of `[since, until)`."""
        preferences = await self._preferences.get(guild_id)
        opened = await self._cases.opened_between(guild_id, since, until)
        waiting, _ = await self._cases.queue(guild_id, limit=HIGHEST_OPEN)
        everything_open = await self._cases.open_times(guild_id)
        states = Counter(c.state for c in opened)
        return Digest(
            guild_id=guild_id,
            since=since,
            until=until,
            coverage=await self._cases.coverage(guild_id, since, until),
            opened=len(opened),
            grouped=sum(len(c.sightings) - 1 for c in opened),
            upheld=states[CaseState.UPHELD],
            dismissed=states[CaseState.DISMISSED],
            techniques=_by_technique(opened),
            per_day=_per_day(opened, since, until, preferences),
            open_by_age=_by_age(everything_open, self._clock.now()),
            highest_open=tuple(waiting),
            spilled=sum(c.is_spilled for c in opened),
            is_dry_run=preferences.is_dry_run,
        )

    async def last_week(self, guild_id: int) -> Digest:
        """Build the digest of the seven days up to now."""
        now = self._clock.now()
        return await self.build(guild_id, now - WEEK, now)


class DigestScheduler:
    """Queue each server's digest when it is due, once, also when the moment passed while offline."""

    def __init__(
        self,
        *,
        preferences: PreferenceStore,
        outbox: Outbox,
        clock: Clock,
        announce: Callable[[], None],
    ) -> None:
        self._preferences = preferences
        self._outbox = outbox
        self._clock = clock
        self._announce = announce

    async def run(self) -> None:
        """Queue digests as they come due, until cancelled."""
        while True:
            try:
                await self.queue_due()
            except Exception:
                log.exception("the digest schedule could not be read; tried again soon")
            await self._clock.sleep(CHECK_SECONDS)

    async def queue_due(self) -> int:
        """Queue every digest that is due and was not queued before; return how many."""
        queued = 0
        for preferences in await self._preferences.all():
            if preferences.mod_channel_id and await self._queue_one(preferences):
                queued += 1
        if queued:
            self._announce()
        return queued

    async def _queue_one(self, preferences: Preferences) -> bool:
        due = preferences.digest.last_due(self._clock.now())
        last = await self._outbox.last_digest(preferences.guild_id)
        started = preferences.watching_since
        # A moment that was due before the schedule was chosen was never promised.
        changed = preferences.digest_changed_at
        if started is None or any(due <= earlier for earlier in (started, changed, last) if earlier):
            return False
        # Not seven days: the week in which the clocks change is an hour shorter or longer.
        since = preferences.digest.last_due(due - timedelta(microseconds=1))
        return await self._outbox.add_digest(preferences.guild_id, since, due)


def _by_technique(cases: Sequence[Case]) -> dict[Technique, TechniqueTally]:
    flagged = Counter(c.flag.technique for c in cases)
    upheld = Counter(c.flag.technique for c in cases if c.state is CaseState.UPHELD)
    dismissed = Counter(c.flag.technique for c in cases if c.state is CaseState.DISMISSED)
    return {t: TechniqueTally(n, upheld[t], dismissed[t]) for t, n in flagged.most_common()}


def _per_day(
    cases: Sequence[Case], since: datetime, until: datetime, preferences: Preferences
) -> tuple[tuple[str, int], ...]:
    zone = ZoneInfo(preferences.digest.zone)
    counts = Counter(c.opened_at.astimezone(zone).date() for c in cases)
    first, last = since.astimezone(zone).date(), (until - timedelta(microseconds=1)).astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return tuple((f"{day:%a %d %b}", counts[day]) for day in days)


def _by_age(opened: Sequence[datetime], now: datetime) -> dict[str, int]:
    counts = {name: 0 for name, _ in AGES} | {OLDEST_AGE: 0}
    for at in opened:
        counts[next((name for name, limit in AGES if now - at < limit), OLDEST_AGE)] += 1
    return counts
