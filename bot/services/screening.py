"""Screen one post: skip it with a reason, let it pass, or open or extend a case."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from bot.domain import grouping, policy
from bot.domain.cases import Case, Sighting
from bot.domain.coverage import ScreeningRecord
from bot.domain.flags import Flag
from bot.domain.policy import SkipReason
from bot.domain.posts import Post
from bot.domain.preferences import Preferences
from bot.ports import CaseStore, Clock, PreferenceStore
from bot.services.aftermath import Aftermath
from classifiers.contract import Assessment, Classifier, Embedding, Passage


class Outcome(StrEnum):
    """What became of one version of one message."""

    NOT_WATCHED = "not_watched"
    ALREADY_HANDLED = "already_handled"
    SKIPPED = "skipped"
    PASSED = "passed"
    OPENED = "opened"
    EXTENDED = "extended"


class Screener:
    """Judge posts exactly once per version; `announce` is called when a case changed."""

    def __init__(
        self,
        *,
        classifier: Classifier,
        preferences: PreferenceStore,
        cases: CaseStore,
        aftermath: Aftermath,
        clock: Clock,
        announce: Callable[[], None],
    ) -> None:
        self._classifier = classifier
        self._preferences = preferences
        self._cases = cases
        self._aftermath = aftermath
        self._clock = clock
        self._announce = announce
        self._guild_locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def screen(self, post: Post, earlier_text: str = "") -> Outcome:
        """Screen `post`; `earlier_text` is the version before an edit where it is known.

        Raise `ClassifierError` when the model cannot answer: nothing is recorded, so it can be tried again.
        """
        preferences = await self._preferences.get(post.guild_id)
        if not preferences.watches(post.channel_id, post.parent_channel_id):
            return Outcome.NOT_WATCHED
        if await self._cases.is_recorded(post.id, post.version):
            return Outcome.ALREADY_HANDLED
        if reason := policy.skip_reason(post, preferences):
            return await self._skip(post, reason)
        assessment = await self._classifier.assess(_passage(post))
        if not assessment.is_evaluated:
            return await self._skip(post, SkipReason.OTHER_LANGUAGE)
        return await self._judge(post, earlier_text, assessment, preferences)

    async def give_up(self, post: Post) -> None:
        """Count a post that could not be screened, so that coverage tells of it."""
        await self._skip(post, SkipReason.NO_ANSWER)

    async def check(self, text: str, context: str, guild_id: int) -> tuple[Assessment, Flag | None, float]:
        """Assess a text for a moderator without storing anything; return it, its flag, and the threshold."""
        preferences = await self._preferences.get(guild_id)
        thresholds = self._classifier.info.thresholds
        assessment = await self._classifier.assess(Passage(text, context))
        found = policy.flag_text(text, assessment, preferences.sensitivity, thresholds)
        return assessment, found, thresholds[preferences.sensitivity]

    async def _skip(self, post: Post, reason: SkipReason) -> Outcome:
        record = self._record(post, skipped=reason)
        if post.edited_at:
            # Emptied or translated away, a flagged post stays the case it was, with both versions.
            async with self._guild_locks[post.guild_id]:
                if holder := await self._cases.by_message(post.id):
                    return await self._revise(post, holder, None, (), record)
        fresh = await self._cases.record(record)
        return Outcome.SKIPPED if fresh else Outcome.ALREADY_HANDLED

    async def _judge(
        self, post: Post, earlier_text: str, assessment: Assessment, preferences: Preferences
    ) -> Outcome:
        found = policy.flag_text(
            post.text, assessment, preferences.sensitivity, self._classifier.info.thresholds
        )
        record = self._record(post, score=assessment.score, is_flagged=found is not None)
        if found is None and post.edited_at is None:
            return await self._pass(record)
        # One at a time per server, so that two versions or two copies do not open a case each.
        async with self._guild_locks[post.guild_id]:
            if holder := await self._cases.by_message(post.id):
                return await self._revise(post, holder, found, assessment.embedding, record)
            if found is None:
                return await self._pass(record)
            texts = tuple(t for t in (earlier_text, post.text) if t)
            sighting = _sighting(post, texts, found, assessment.embedding)
            return await self._open_or_extend(post, sighting, record, preferences)

    async def _pass(self, record: ScreeningRecord) -> Outcome:
        fresh = await self._cases.record(record)
        return Outcome.PASSED if fresh else Outcome.ALREADY_HANDLED

    async def _revise(
        self, post: Post, case: Case, found: Flag | None, embedding: Embedding, record: ScreeningRecord
    ) -> Outcome:
        """Show the new version beside the old; what was flagged stays flagged by the words that were.

        A first version that comes after its edit is put before it. A version that is flagged itself reopens
        a case that was ruled on: the ruling was about other words.
        """
        known = case.sighting_of(post.id)
        assert known is not None, "a case found by its message holds that message"
        if post.text == known.text or (post.edited_at is None and post.text in known.texts):
            return await self._pass(record)
        stronger = found if found and found.score > known.flag.score else known.flag
        if post.edited_at:
            revised = replace(
                known,
                texts=(*known.texts, post.text),
                flag=stronger,
                embedding=embedding or known.embedding,
            )
        else:
            revised = replace(known, texts=(post.text, *known.texts), flag=stronger)
        is_reopened = found is not None and post.edited_at is not None and not case.is_open
        extended = await self._cases.extend_case(record, case.id, revised, is_reopened=is_reopened)
        return await self._told(extended, post.id, Outcome.EXTENDED)

    async def _open_or_extend(
        self, post: Post, sighting: Sighting, record: ScreeningRecord, preferences: Preferences
    ) -> Outcome:
        now = self._clock.now()
        spent = await self._cases.cards_since(post.guild_id, now - timedelta(hours=1))
        is_spilled = spent >= preferences.alert_budget
        recent = await self._cases.recent_open(post.guild_id, now - grouping.COPY_WINDOW)
        seen = [c for c in recent if grouping.is_seen_alike(c, preferences, is_spilled=is_spilled)]
        kin = grouping.case_to_extend(post, sighting.embedding, seen, preferences, now)
        if kin:
            extended = await self._cases.extend_case(record, kin.id, sighting)
            return await self._told(extended, post.id, Outcome.EXTENDED)
        opened = await self._cases.open_case(
            record, sighting, is_dry_run=preferences.is_dry_run, is_spilled=is_spilled
        )
        return await self._told(opened, post.id, Outcome.OPENED)

    async def _told(self, case: Case | None, message_id: int, outcome: Outcome) -> Outcome:
        if case is None:
            return Outcome.ALREADY_HANDLED
        await self._aftermath.apply(message_id)
        self._announce()
        return outcome

    def _record(
        self,
        post: Post,
        *,
        score: float | None = None,
        is_flagged: bool = False,
        skipped: SkipReason | None = None,
    ) -> ScreeningRecord:
        return ScreeningRecord(
            message_id=post.id,
            version=post.version,
            guild_id=post.guild_id,
            channel_id=post.channel_id,
            posted_at=post.posted_at,
            screened_at=self._clock.now(),
            score=score,
            is_flagged=is_flagged,
            skipped=skipped,
        )


def _passage(post: Post) -> Passage:
    return Passage(post.text, post.reply_to.text if post.reply_to else "")


def _sighting(post: Post, texts: tuple[str, ...], found: Flag, embedding: Embedding) -> Sighting:
    return Sighting(
        message_id=post.id,
        channel_id=post.channel_id,
        author_id=post.author.id,
        author_name=post.author.name,
        at=post.edited_at or post.posted_at,
        texts=texts,
        flag=found,
        embedding=embedding,
    )
