"""When a new flag extends an open case instead of opening another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.cases import Case
from bot.domain.posts import Post
from bot.domain.preferences import Preferences
from classifiers.contract import Embedding, similarity

NEAR_IDENTICAL = 0.92
"""Cosine from which two texts count as copies of one another."""

COPY_WINDOW = timedelta(hours=24)
"""How long copies by several accounts extend one case."""


COMPARED = 3
"""How many of a case's latest posts, beside the first, a new one is compared with."""


def is_seen_alike(case: Case, preferences: Preferences, *, is_spilled: bool) -> bool:
    """Say whether people see a case the way they would see a new one opened now.

    A case kept from before the dry run ended, or one that got no card, must not swallow a new flag.
    """
    return case.is_dry_run == preferences.is_dry_run and (is_spilled or not case.is_spilled)


def case_to_extend(
    post: Post, embedding: Embedding, open_cases: Sequence[Case], preferences: Preferences, now: datetime
) -> Case | None:
    """Return the open case `post` belongs to: same author within the window, or a near-identical text."""
    window = timedelta(minutes=preferences.group_minutes)
    for case in open_cases:
        last = case.sightings[-1]
        if (
            last.author_id == post.author.id
            and last.channel_id == post.channel_id
            and now - last.at <= window
        ):
            return case
    for case in open_cases:
        if now - case.opened_at > COPY_WINDOW:
            continue
        compared = (case.first, *case.sightings[1:][-COMPARED:])
        if any(similarity(embedding, s.embedding) >= NEAR_IDENTICAL for s in compared):
            return case
    return None
