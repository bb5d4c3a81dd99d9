"""The JSON of a small town on Discord: one server, two channels, the bot and a member."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

JSON = dict[str, Any]

EPOCH_MS = 1_420_070_400_000
"""Where Discord's snowflakes start, in milliseconds since 1970."""

BOT_ID = 1_000
ANNA_ID = 2_000
GUILD_ID = 3_000
GENERAL_ID = 4_000
MODS_ID = 4_001
APPLICATION_ID = BOT_ID

MESSAGE_CONTENT_LIMITED = 1 << 19
"""The application flag of the message-content intent for bots in fewer than 100 servers."""

ALL_NEEDED = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 16
"""View Channel, Send Messages, Embed Links, Attach Files, Read Message History."""


def snowflake(at: datetime, counter: int) -> int:
    """Return an id made at that time; `counter` keeps ids of one millisecond in order."""
    return (int(at.timestamp() * 1000) - EPOCH_MS << 22) + counter


def user(user_id: int, name: str, *, is_bot: bool = False) -> JSON:
    """Return a user."""
    return {"id": str(user_id), "username": name, "discriminator": "0", "avatar": None, "bot": is_bot}


def member(of: JSON) -> JSON:
    """Return a member without roles of their own."""
    joined = "2026-01-01T00:00:00+00:00"
    return {"user": of, "roles": [], "joined_at": joined, "deaf": False, "mute": False, "flags": 0}


BOT = user(BOT_ID, "evenhand", is_bot=True)
ANNA = user(ANNA_ID, "anna")


def application(flags: int) -> JSON:
    """Return the bot's application."""
    return {
        "id": str(APPLICATION_ID),
        "name": "evenhand",
        "description": "",
        "icon": None,
        "flags": flags,
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "",
        "owner": ANNA,
    }


def channel(channel_id: int, name: str, denied: int = 0) -> JSON:
    """Return a text channel in which everybody is denied the permissions of `denied`."""
    overwrites = [{"id": str(GUILD_ID), "type": 0, "allow": "0", "deny": str(denied)}] if denied else []
    return {
        "id": str(channel_id),
        "type": 0,
        "guild_id": str(GUILD_ID),
        "name": name,
        "position": 0,
        "permission_overwrites": overwrites,
        "nsfw": False,
        "parent_id": None,
    }


def thread(thread_id: int, parent_id: int) -> JSON:
    """Return a public thread."""
    state = {
        "archived": False,
        "auto_archive_duration": 60,
        "archive_timestamp": "2026-01-01T00:00:00+00:00",
        "locked": False,
    }
    counts = {"message_count": 0, "member_count": 1, "rate_limit_per_user": 0, "total_message_sent": 0}
    parts = {"type": 11, "parent_id": str(parent_id), "owner_id": str(ANNA_ID), "thread_metadata": state}
    return {**channel(thread_id, "thread"), **parts, **counts}


def guild(denied: Mapping[int, int]) -> JSON:
    """Return the server; `denied` holds the permissions denied per channel id."""
    everyone = {
        "id": str(GUILD_ID),
        "name": "@everyone",
        "permissions": str(ALL_NEEDED),
        "position": 0,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }
    return {
        "id": str(GUILD_ID),
        "name": "Town Square",
        "owner_id": str(ANNA_ID),
        "roles": [everyone],
        "channels": channels(denied),
        "threads": [],
        "members": [member(BOT), member(ANNA)],
        "member_count": 2,
        "emojis": [],
        "stickers": [],
        "features": [],
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "preferred_locale": "en-US",
        "afk_timeout": 0,
        "system_channel_flags": 0,
        "unavailable": False,
    }


def channels(denied: Mapping[int, int]) -> list[JSON]:
    """Return both channels."""
    return [channel(i, name, denied.get(i, 0)) for i, name in ((GENERAL_ID, "general"), (MODS_ID, "mods"))]


def message(message_id: int, channel_id: int, author: JSON, text: str, **extra: Any) -> JSON:
    """Return a message as REST and gateway show it."""
    return {
        "id": str(message_id),
        "channel_id": str(channel_id),
        "author": author,
        "content": text,
        "timestamp": datetime.fromtimestamp(((message_id >> 22) + EPOCH_MS) / 1000, UTC).isoformat(),
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "pinned": False,
        "type": 0,
        **extra,
    }


def slash(name: str) -> JSON:
    """Return Anna's use of a slash command without options in the moderators' channel."""
    return {
        "id": "77",
        "application_id": str(APPLICATION_ID),
        "type": 2,
        "token": "interaction-token",
        "version": 1,
        "guild_id": str(GUILD_ID),
        "channel_id": str(MODS_ID),
        "channel": channel(MODS_ID, "mods"),
        "member": {**member(ANNA), "permissions": str(ALL_NEEDED | 1 << 13)},
        "data": {"id": "9000", "name": name, "type": 1},
        "locale": "en-US",
        "guild_locale": "en-US",
        "entitlements": [],
        "attachment_size_limit": 1,
        "authorizing_integration_owners": {"0": str(GUILD_ID)},
        "context": 0,
    }
