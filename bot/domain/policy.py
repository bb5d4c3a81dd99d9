"""When a post is screened at all, and when an assessment becomes a flag."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.domain.flags import Evidence, Flag
from bot.domain.posts import Post
from bot.domain.preferences import Preferences
from classifiers.contract import Assessment, Sensitivity

CONTRIBUTING_SCORE = 0.5
"""Probability from which a second technique is named beside the first."""

MOST_TECHNIQUES = 3
"""How many techniques a card names at the most."""


class SkipReason(StrEnum):
    """Why a post in a watched channel was not judged; the value is stored and counted in coverage."""

    BOT = "bot"
    WEBHOOK = "webhook"
    SYSTEM = "system"
    EXEMPT_ROLE = "exempt_role"
    EXEMPT_CHANNEL = "exempt_channel"
    EMPTY = "empty"
    OTHER_LANGUAGE = "other_language"
    NO_ANSWER = "no_answer"
    TOO_OLD = "too_old"


def skip_reason(post: Post, preferences: Preferences) -> SkipReason | None:
    """Return why `post` is left alone, or None when it is to be screened."""
    if post.author.is_webhook:
        return SkipReason.WEBHOOK
    if post.author.is_bot:
        return SkipReason.BOT
    if post.is_system:
        return SkipReason.SYSTEM
    if {post.channel_id, post.parent_channel_id} & preferences.exempt_channel_ids:
        return SkipReason.EXEMPT_CHANNEL
    if post.author.role_ids & preferences.exempt_role_ids:
        return SkipReason.EXEMPT_ROLE
    if not post.text.strip():
        return SkipReason.EMPTY
    return None


def flag_text(
    text: str, assessment: Assessment, sensitivity: Sensitivity, thresholds: Mapping[Sensitivity, float]
) -> Flag | None:
    """Return a flag when the score of `text` reaches the threshold (inclusive), else None.

    A language the model was not made for is never flagged, nor is a text in which no technique was found.
    """
    threshold = thresholds[sensitivity]
    if not assessment.is_evaluated or assessment.score < threshold or not assessment.techniques:
        return None
    first = assessment.techniques[0]
    seed = assessment.nearest_seed
    return Flag(
        score=assessment.score,
        threshold=threshold,
        sensitivity=sensitivity,
        evidence=tuple(
            Evidence(
                technique=t.technique,
                score=t.score,
                quote=t.span.of(text) if t.span else "",
                span=t.span,
            )
            for t in assessment.techniques
            if t is first or t.score >= CONTRIBUTING_SCORE
        )[:MOST_TECHNIQUES],
        seed_id=seed.seed_id if seed else "",
        seed_text=seed.text if seed else "",
        seed_similarity=seed.similarity if seed else 0.0,
        model_id=assessment.model_id,
        is_truncated=assessment.is_truncated,
    )
