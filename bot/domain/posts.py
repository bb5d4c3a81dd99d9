"""Our copy of one Discord message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a post; names are shown to moderators, never logged."""

    id: int
    name: str
    is_bot: bool = False
    is_webhook: bool = False
    role_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Quote:
    """A message shown around a post: what it answers, or what came before.

    `is_flagged` says that it has a case of its own.
    """

    author_name: str
    text: str
    at: datetime
    url: str = ""
    is_flagged: bool = False

    @property
    def message_id(self) -> int:
        """Return the message's id, 0 where no link is known."""
        last = self.url.rpartition("/")[2]
        return int(last) if last.isdecimal() else 0


@dataclass(frozen=True, slots=True)
class Post:
    """One message as it was posted or last edited; `text` is all the author wrote, embeds and polls included.

    `parent_channel_id` is the channel that holds the thread or forum post (0 outside threads). `reply_to`
    is the message it answers, None when it answers nothing or the parent cannot be read.
    """

    id: int
    guild_id: int
    channel_id: int
    author: Author
    text: str
    posted_at: datetime
    edited_at: datetime | None = None
    parent_channel_id: int = 0
    reply_to: Quote | None = None
    is_system: bool = False

    @property
    def url(self) -> str:
        """Link to the message as Discord writes it."""
        return f"https://discord.com/channels/{self.guild_id}/{self.channel_id}/{self.id}"

    @property
    def version(self) -> int:
        """Number the text's version: 0 as posted, else the edit time in microseconds since 1970."""
        return 0 if self.edited_at is None else int(self.edited_at.timestamp() * 1_000_000)
