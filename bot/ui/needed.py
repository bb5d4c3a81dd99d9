"""The permissions that the bot needs, in one list for whoever asks, checks or explains."""

from __future__ import annotations

import discord

TO_READ = ("view_channel", "read_message_history")
"""Without the second one Discord answers an empty list, not an error, so it has to be asked for."""

TO_POST = ("view_channel", "send_messages", "embed_links")
"""Without these no card can be posted; checked first, since refusals count against the bot."""

TO_POST_IN_THREAD = ("view_channel", "send_messages_in_threads", "embed_links")
"""A thread has its permissions from the channel that holds it, which lists posting in threads by itself."""

TO_REPORT = (*TO_POST, "attach_files")
TO_REPORT_IN_THREAD = (*TO_POST_IN_THREAD, "attach_files")
"""With the digest's chart, which is left out where files may not be attached."""


def to_post(channel: discord.TextChannel | discord.Thread) -> tuple[str, ...]:
    """Return what posting a card in a channel or thread needs."""
    return TO_POST_IN_THREAD if isinstance(channel, discord.Thread) else TO_POST


def to_report(channel: discord.TextChannel | discord.Thread) -> tuple[str, ...]:
    """Return what a moderators' channel or thread needs, the digest's chart included."""
    return TO_REPORT_IN_THREAD if isinstance(channel, discord.Thread) else TO_REPORT


def missing(granted: discord.Permissions, needed: tuple[str, ...]) -> list[str]:
    """Return the permissions that are needed and not granted, named as Discord's settings name them."""
    return [name.replace("_", " ").title() for name in needed if not getattr(granted, name)]
