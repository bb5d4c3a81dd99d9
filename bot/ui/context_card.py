"""A longer run-up to a case, shown to who asks."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.domain.cases import Case
from bot.domain.posts import Quote
from bot.ui.case_card import said_before
from bot.ui.text import cut

LIMIT = 4000
COLOUR = 0x80848E


def context_embed(case: Case, before: Sequence[Quote]) -> discord.Embed:
    """Show the messages before a case's post, oldest first; the oldest give way when room is short."""
    lines: list[str] = []
    room = LIMIT
    for said in reversed(before):
        line = said_before(said, 220)
        room -= len(line) + 1
        if room < 0:
            break
        lines.insert(0, line)
    text = "\n".join(lines) or "Nothing can be read before this message."
    return discord.Embed(
        title=f"Before case {case.number}", url=case.url, description=cut(text, LIMIT), colour=COLOUR
    )
