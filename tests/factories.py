"""Make things for tests, each whole and unremarkable; a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.cases import Case, Ruling, Sighting, Verdict
from bot.domain.coverage import ScreeningRecord
from bot.domain.flags import Evidence, Flag
from bot.domain.posts import Author, Post
from bot.domain.preferences import Preferences
from bot.domain.snowflakes import snowflake
from classifiers.contract import Assessment, Embedding, SeedMatch, Sensitivity, Span, TechniqueScore
from classifiers.taxonomy import Technique

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
GUILD = 10
CHANNEL = 20
MOD_CHANNEL = 30
AUTHOR = 40
MODERATOR = 50
THRESHOLDS = {Sensitivity.LOW: 0.9, Sensitivity.BALANCED: 0.7, Sensitivity.HIGH: 0.5}
MODEL = "fake-1"
FRAMED = "What about the other side, nobody ever asks them?"


def message_id(minute: int = 0) -> int:
    """Return the id of a message posted that many minutes after `NOW`."""
    return snowflake(NOW + timedelta(minutes=minute))


def a_post(text: str = FRAMED, **changes: Any) -> Post:
    """Make a post of the watched channel at `NOW`; `minute` shifts id and time, `author` may be an id."""
    minute = changes.pop("minute", 0)
    author = changes.pop("author", AUTHOR)
    post = Post(
        id=message_id(minute),
        guild_id=GUILD,
        channel_id=CHANNEL,
        author=author if isinstance(author, Author) else Author(author, f"Member {author}"),
        text=text,
        posted_at=NOW + timedelta(minutes=minute),
    )
    return replace(post, **changes)


def an_edit(post: Post, text: str, *, minutes: int = 1) -> Post:
    """Return a post as edited that many minutes after it was posted."""
    return replace(post, text=text, edited_at=post.posted_at + timedelta(minutes=minutes))


def an_assessment(
    score: float = 0.8,
    text: str = FRAMED,
    *,
    technique: Technique = Technique.WHATABOUTISM,
    embedding: Embedding = (),
    **changes: Any,
) -> Assessment:
    """Make an assessment whose evidence is all of `text`."""
    found = Assessment(
        score=score,
        model_id=MODEL,
        techniques=(TechniqueScore(technique, score, Span(0, len(text))),),
        nearest_seed=SeedMatch("seed-1", "What about them?", 0.75),
        embedding=embedding,
    )
    return replace(found, **changes)


def a_flag(
    score: float = 0.8, technique: Technique = Technique.WHATABOUTISM, quote: str = FRAMED, **changes: Any
) -> Flag:
    """Make a flag with one piece of evidence."""
    flag = Flag(
        score=score,
        threshold=0.7,
        sensitivity=Sensitivity.BALANCED,
        evidence=(Evidence(technique, score, quote, Span(0, len(quote))),),
        model_id=MODEL,
        seed_id="seed-1",
        seed_text="What about them?",
        seed_similarity=0.75,
    )
    return replace(flag, **changes)


def a_sighting(minute: int = 0, **changes: Any) -> Sighting:
    """Make the sighting of a flagged post at `NOW` plus `minute` minutes."""
    sighting = Sighting(
        message_id=message_id(minute),
        channel_id=CHANNEL,
        author_id=AUTHOR,
        author_name="Member 40",
        at=NOW + timedelta(minutes=minute),
        texts=(FRAMED,),
        flag=a_flag(),
        embedding=(0.5, -0.25, 0.75),
    )
    return replace(sighting, **changes)


def a_screening(sighting: Sighting | None = None, **changes: Any) -> ScreeningRecord:
    """Make the record of a flagged post's screening, right when it was posted."""
    seen = sighting or a_sighting()
    record = ScreeningRecord(
        message_id=seen.message_id,
        version=0,
        guild_id=GUILD,
        channel_id=seen.channel_id,
        posted_at=seen.at,
        screened_at=seen.at,
        score=seen.flag.score,
        is_flagged=True,
    )
    return replace(record, **changes)


def a_case(**changes: Any) -> Case:
    """Make an open case of one sighting, without a card."""
    case = Case(id=1, guild_id=GUILD, number=1, opened_at=NOW, sightings=(a_sighting(),))
    return replace(case, **changes)


def a_verdict(ruling: Ruling = Ruling.UPHELD, **changes: Any) -> Verdict:
    """Make a moderator's verdict, ten minutes after `NOW`."""
    return replace(Verdict(ruling, MODERATOR, NOW + timedelta(minutes=10), "it dodges"), **changes)


def preferences(**changes: Any) -> Preferences:
    """Make the choices of a server that watches a channel and shows cards."""
    chosen = Preferences(
        guild_id=GUILD,
        watched_channel_ids=frozenset({CHANNEL}),
        mod_channel_id=MOD_CHANNEL,
        is_dry_run=False,
        watching_since=NOW - timedelta(days=30),
    )
    return replace(chosen, **changes)
