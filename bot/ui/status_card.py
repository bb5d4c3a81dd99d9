"""How the bot is doing, for moderators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import discord

from bot.domain.coverage import Coverage
from bot.domain.preferences import Preferences
from bot.ui import wording

COLOUR = 0x3B6FB6


@dataclass(frozen=True, slots=True)
class Health:
    """What there is to say of the running bot; latency in milliseconds, None before the first heartbeat."""

    model_id: str
    waiting: int
    unsaid: int
    latency_ms: float | None


def status_embed(
    health: Health, coverage: Coverage, preferences: Preferences, last: datetime | None
) -> discord.Embed:
    """Show the model, the queue, what was screened in the last 24 hours, and when something `last` was."""
    embed = discord.Embed(title="How I am doing", colour=COLOUR)
    skipped = ", ".join(f"{n:,} {wording.skipped(r)}" for r, n in coverage.skipped.items() if n)
    share = f" ({coverage.screened / coverage.posted:.0%})" if coverage.posted else ""
    rows = [
        ("Model", health.model_id),
        ("Messages waiting", f"{health.waiting:,}"),
        ("Cards waiting to be posted", f"{health.unsaid:,}" if health.unsaid else ""),
        ("Screened in 24 hours", f"{coverage.screened:,} of {coverage.posted:,}{share}"),
        ("Flagged in 24 hours", f"{coverage.flagged:,}"),
        ("Not screened", skipped),
        ("Last screened", discord.utils.format_dt(last, "R") if last else "nothing in 30 days"),
        (
            "Connection",
            f"{health.latency_ms:.0f} ms" if health.latency_ms is not None else "no heartbeat yet",
        ),
        ("Dry run", "on" if preferences.is_dry_run else "off"),
    ]
    for title, value in rows:
        if value:
            embed.add_field(name=title, value=value[:1024], inline=True)
    return embed
