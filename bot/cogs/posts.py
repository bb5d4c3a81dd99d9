"""Turn Discord's messages into posts and quotes."""

from __future__ import annotations

from collections.abc import Iterator

import discord

from bot.domain.posts import Author, Post, Quote

MOST_CHARACTERS = 8000
"""Characters of one post that are read; Discord allows 4,000 in the text itself."""

_SPOKEN = frozenset({discord.MessageType.default, discord.MessageType.reply, discord.MessageType.poll_result})


def to_post(message: discord.Message, member: discord.Member | None = None) -> Post | None:
    """Return our copy of a server's message, None for one outside servers.

    `member` is who wrote it, for a message that was fetched: such a message names a user without roles.
    """
    if message.guild is None:
        return None
    channel = message.channel
    return Post(
        id=message.id,
        guild_id=message.guild.id,
        channel_id=channel.id,
        parent_channel_id=(channel.parent_id or 0) if isinstance(channel, discord.Thread) else 0,
        author=_author(member or message.author, message),
        text=text_of(message),
        posted_at=message.created_at,
        edited_at=message.edited_at,
        reply_to=_parent(message),
        is_system=message.type not in _SPOKEN,
    )


def to_quote(message: discord.Message) -> Quote:
    """Return a message as it is shown around a post."""
    return Quote(message.author.display_name, text_of(message), message.created_at, message.jump_url)


def text_of(message: discord.Message) -> str:
    """Return all that the author wrote: text, poll, forwarded text, image descriptions, own embeds."""
    return "\n".join(part for part in _parts(message) if part and part.strip())[:MOST_CHARACTERS]


def _parts(message: discord.Message) -> Iterator[str | None]:
    yield message.content
    if message.poll:
        yield message.poll.question
        yield from (answer.text for answer in message.poll.answers)
    for forwarded in message.message_snapshots:
        yield forwarded.content
        yield from (a.description for a in forwarded.attachments)
    for embed in message.embeds:
        if embed.type == "rich" and not embed.url:  # anything else is a preview that Discord made of a link
            yield from (embed.title, embed.description)
            yield from (f"{field.name}\n{field.value}" for field in embed.fields)
    yield from (a.description for a in message.attachments)


def _author(author: discord.Member | discord.User, message: discord.Message) -> Author:
    roles = frozenset(r.id for r in author.roles) if isinstance(author, discord.Member) else frozenset()
    return Author(
        id=author.id,
        name=author.display_name,
        is_bot=author.bot,
        is_webhook=message.webhook_id is not None,
        role_ids=roles,
    )


def _parent(message: discord.Message) -> Quote | None:
    reference = message.reference
    if reference is None or message.type is not discord.MessageType.reply:
        return None
    found = reference.cached_message or reference.resolved
    return to_quote(found) if isinstance(found, discord.Message) else None
