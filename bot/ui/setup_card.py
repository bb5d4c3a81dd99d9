"""A server's choices as a card."""

from __future__ import annotations

import discord

from bot.domain.preferences import Preferences
from bot.ui import wording
from bot.ui.text import cut

COLOUR = 0x3B6FB6
SHORT = ("Weekly digest", "New cards ping", "Delete button", "Words are kept for")
"""Rows that can stand side by side."""

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def watched_embed(preferences: Preferences) -> discord.Embed:
    """Show what is watched and how."""
    p = preferences
    watched = " ".join(f"<#{c}>" for c in sorted(p.watched_channel_ids)) or "none yet: `/watch add`"
    roles = " ".join(f"<@&{r}>" for r in sorted(p.exempt_role_ids)) or "none"
    embed = discord.Embed(title="What I look at here", colour=COLOUR)
    for title, value in (
        ("Watched channels", watched),
        (
            "Cases are posted in",
            f"<#{p.mod_channel_id}>" if p.mod_channel_id else "nowhere yet: `/report-here`",
        ),
        ("Dry run", "on: cases are only stored" if p.is_dry_run else "off: cases are posted"),
        ("Sensitivity", wording.budget(p.sensitivity)),
        ("Exempt roles", roles),
        ("Exempt channels", " ".join(f"<#{c}>" for c in sorted(p.exempt_channel_ids)) or "none"),
        ("New cards", f"at most {p.alert_budget:,} an hour; further cases wait in `/cases` and the digest"),
        ("One member's messages share a card for", _minutes(p.group_minutes)),
        ("New cards ping", f"<@&{p.ping_role_id}>" if p.ping_role_id else "nobody"),
        ("Delete button", "on" if p.is_delete_offered else "off"),
        ("Weekly digest", f"{DAYS[p.digest.weekday]} {p.digest.hour}:00 ({p.digest.zone})"),
        ("Words are kept for", wording.count(p.retention_days, "day")),
    ):
        embed.add_field(name=title, value=cut(value, 1024), inline=title in SHORT)
    return embed


def _minutes(number: int) -> str:
    return wording.count(number, "minute") if number else "never: each has a card of its own"
