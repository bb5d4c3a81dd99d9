"""Say what the outbox holds: post cards, bring them up to date, post digests; once each, with retries."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from bot.domain.cases import NoSuchCaseError
from bot.ports import (
    CaseStore,
    Clock,
    ModChannel,
    ModChannelError,
    Outbox,
    OutboxEntry,
    OutboxKind,
    PreferenceStore,
)
from bot.services.digests import DigestBuilder
from bot.services.summaries import Summarizer

log = logging.getLogger(__name__)

POLL_SECONDS = 5.0
"""How long the loop waits for news before it looks for retries that came due."""

FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(minutes=15)

GIVE_UP_AFTER = timedelta(days=7)
"""How long an entry is tried again, counting the time in which the bot runs."""

MOST_ATTEMPTS = GIVE_UP_AFTER // LAST_RETRY


class Alerts:
    """Empty the outbox; an entry that cannot be said now is tried again later, for a week, then logged."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        cases: CaseStore,
        preferences: PreferenceStore,
        summarizer: Summarizer,
        digests: DigestBuilder,
        mod_channel: ModChannel,
        clock: Clock,
    ) -> None:
        self._outbox = outbox
        self._cases = cases
        self._preferences = preferences
        self._summarizer = summarizer
        self._digests = digests
        self._mod_channel = mod_channel
        self._clock = clock
        self._news = asyncio.Event()
        self._saying = asyncio.Lock()

    def announce(self) -> None:
        """Tell that the outbox has news; returns at once."""
        self._news.set()

    async def run(self) -> None:
        """Say things as they come up, until cancelled."""
        while True:
            self._news.clear()
            try:
                await self.say_due()
            except Exception:
                log.exception("the outbox could not be read; tried again soon")
            try:
                await asyncio.wait_for(self._news.wait(), POLL_SECONDS)
            except TimeoutError:
                continue

    async def say_due(self) -> int:
        """Say everything that is due; return how many entries were said."""
        async with self._saying:
            return await self._say_all()

    async def _say_all(self) -> int:
        said = 0
        while entries := await self._outbox.due(self._clock.now()):
            for entry in entries:
                said += await self._say(entry)
        return said

    async def _say(self, entry: OutboxEntry) -> bool:
        try:
            await self._deliver(entry)
        except NoSuchCaseError:
            await self._outbox.posted(entry)
        except ModChannelError as error:
            log.warning("not said yet", extra={"outbox_id": entry.id, "cause": str(error)})
            return await self._put_off(entry)
        except Exception:
            log.exception("not said yet", extra={"outbox_id": entry.id})
            return await self._put_off(entry)
        return True

    async def _put_off(self, entry: OutboxEntry) -> bool:
        if entry.attempts + 1 >= MOST_ATTEMPTS:
            log.error("given up after a week", extra={"outbox_id": entry.id, "guild_id": entry.guild_id})
            await self._outbox.posted(entry)
        else:
            await self._outbox.retry_at(entry, self._clock.now() + _backoff(entry.attempts))
        return False

    async def _deliver(self, entry: OutboxEntry) -> None:
        preferences = await self._preferences.get(entry.guild_id)
        if entry.kind is OutboxKind.DIGEST:
            assert entry.since and entry.until, "a digest entry has a period"
            digest = await self._digests.build(entry.guild_id, entry.since, entry.until)
            await self._mod_channel.post_digest(digest, preferences, entry.nonce)
            return await self._outbox.posted(entry)
        case = await self._cases.by_id(entry.case_id)
        if entry.kind is OutboxKind.EDIT:
            await self._mod_channel.edit_case(case, preferences)
            return await self._outbox.posted(entry)
        case = await self._summarizer.with_summary(case)
        place = await self._mod_channel.post_case(case, preferences, entry.nonce)
        if place:
            return await self._outbox.posted(entry, place.channel_id, place.message_id)
        return await self._outbox.posted(entry)


def _backoff(attempts: int) -> timedelta:
    return min(FIRST_RETRY * float(2 ** min(attempts, 10)), LAST_RETRY)
