"""What moderators review: one flagged post, the posts grouped with it, and people's rulings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.flags import Flag
from bot.domain.posts import Quote
from classifiers.contract import Embedding


class CaseState(StrEnum):
    """Where a case stands; only a verdict by a person closes it."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class Ruling(StrEnum):
    """What a moderator decided; a second opinion asks for another person and closes nothing."""

    UPHELD = "upheld"
    DISMISSED = "dismissed"
    SECOND_OPINION = "second_opinion"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A person's ruling on a case: who, when, why."""

    ruling: Ruling
    moderator_id: int
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One flagged post in a case; the first opened it, later ones were grouped with it.

    `texts` holds the versions, oldest first; it is empty once retention has removed the words.
    """

    message_id: int
    channel_id: int
    author_id: int
    author_name: str
    at: datetime
    texts: tuple[str, ...]
    flag: Flag
    embedding: Embedding = ()
    deleted_at: datetime | None = None

    @property
    def text(self) -> str:
        """Return the latest version, empty when forgotten."""
        return self.texts[-1] if self.texts else ""

    def forget(self) -> Sighting:
        """Return the sighting without words, name and embedding; ids, times, techniques and scores stay."""
        return replace(self, author_name="", texts=(), flag=self.flag.without_words(), embedding=())


@dataclass(frozen=True, slots=True)
class ContextSummary:
    """What a moderator needs to understand a post without scrolling."""

    reply_to: Quote | None = None
    before: tuple[Quote, ...] = ()
    quoted_words: str = ""
    earlier_upheld: int = 0
    earlier_dismissed: int = 0

    def forget(self) -> ContextSummary:
        """Return the summary without anybody's words; the counts stay."""
        return ContextSummary(earlier_upheld=self.earlier_upheld, earlier_dismissed=self.earlier_dismissed)


@dataclass(frozen=True, slots=True)
class Case:
    """One case, numbered per guild.

    `is_spilled` means that the alert budget was used up, so the case waits for the digest without a card.
    `card_message_id` and `card_channel_id` are 0 until a card is posted (always in dry run).
    """

    id: int
    guild_id: int
    number: int
    opened_at: datetime
    sightings: tuple[Sighting, ...]
    state: CaseState = CaseState.OPEN
    verdicts: tuple[Verdict, ...] = ()
    summary: ContextSummary | None = None
    is_spilled: bool = False
    is_dry_run: bool = False
    is_automod_marked: bool = False
    card_channel_id: int = 0
    card_message_id: int = 0

    @property
    def first(self) -> Sighting:
        """Return the sighting that opened the case."""
        return self.sightings[0]

    @property
    def flag(self) -> Flag:
        """Return the flag that opened the case."""
        return self.first.flag

    @property
    def is_open(self) -> bool:
        """Say whether a ruling is still wanted."""
        return self.state is CaseState.OPEN

    @property
    def url(self) -> str:
        """Link to the message that opened the case."""
        return f"https://discord.com/channels/{self.guild_id}/{self.first.channel_id}/{self.first.message_id}"

    def sighting_of(self, message_id: int) -> Sighting | None:
        """Return the sighting of a message, None when it is not part of this case."""
        return next((s for s in self.sightings if s.message_id == message_id), None)

    def rule(self, verdict: Verdict) -> Case:
        """Return the case with one more verdict; a later ruling replaces the state, never the history."""
        state = self.state if verdict.ruling is Ruling.SECOND_OPINION else CaseState(verdict.ruling.value)
        return replace(self, state=state, verdicts=(*self.verdicts, verdict))


class NoSuchCaseError(Exception):
    """No case of that number exists in this server."""
