"""Gather what a moderator needs to understand a case without scrolling."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.cases import Case, ContextSummary
from bot.domain.posts import Quote
from bot.domain.quoting import quoted_words
from bot.ports import CaseStore, History

MESSAGES_BEFORE = 5
"""How many earlier messages a card shows."""

MORE_MESSAGES_BEFORE = 25
"""How many earlier messages "More context" shows."""


class Summarizer:
    """Build a case's context summary once and keep it with the case."""

    def __init__(self, *, history: History, cases: CaseStore) -> None:
        self._history = history
        self._cases = cases

    async def with_summary(self, case: Case) -> Case:
        """Return the case with its summary, built and saved when it had none yet."""
        if case.summary is not None:
            return case
        summary = await self.summarize(case)
        await self._cases.save_summary(case.id, summary)
        return replace(case, summary=summary)

    async def summarize(self, case: Case) -> ContextSummary:
        """Build the summary of the post that opened a case."""
        first = case.first
        before = await self._history.before(first.channel_id, first.message_id, MESSAGES_BEFORE)
        reply_to = await self._history.parent(first.channel_id, first.message_id)
        upheld, dismissed = await self._cases.author_verdicts(case.guild_id, first.author_id, but_not=case.id)
        return ContextSummary(
            reply_to=reply_to,
            before=tuple(await self._with_flags(before)),
            quoted_words=quoted_words(first.text),
            earlier_upheld=upheld,
            earlier_dismissed=dismissed,
        )

    async def more(self, case: Case) -> list[Quote]:
        """Return a longer run-up, read afresh; empty when the channel cannot be read any more."""
        first = case.first
        before = await self._history.before(first.channel_id, first.message_id, MORE_MESSAGES_BEFORE)
        return await self._with_flags(before)

    async def _with_flags(self, quotes: list[Quote]) -> list[Quote]:
        flagged = await self._cases.flagged_among(frozenset(q.message_id for q in quotes))
        return [replace(q, is_flagged=q.message_id in flagged) for q in quotes]
