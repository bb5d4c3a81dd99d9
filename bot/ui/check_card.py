"""What the model says of a text that a moderator asked about."""

from __future__ import annotations

import discord

from bot.domain.flags import Flag
from bot.ui import wording
from bot.ui.evidence import marked
from bot.ui.text import cut, one_line
from classifiers.contract import Assessment

COLOUR_FLAG, COLOUR_PLAIN = 0xE8A317, 0x80848E


def check_embed(text: str, assessment: Assessment, flag: Flag | None, threshold: float) -> discord.Embed:
    """Show an assessment; nothing is stored and nobody is told."""
    if not assessment.is_evaluated:
        embed = discord.Embed(
            title="Not evaluated for this language",
            description=f"This looks like “{one_line(assessment.language, 20)}”; the model reads English.",
            colour=COLOUR_PLAIN,
        )
    elif flag is None:
        embed = discord.Embed(
            title="Nothing to flag",
            description=f"The score is {assessment.score:.0%}; this server's threshold is {threshold:.0%}.",
            colour=COLOUR_PLAIN,
        )
    else:
        embed = _flagged(text, flag)
    embed.set_footer(text=f"Only you see this; nothing was stored. · {assessment.model_id}")
    return embed


def _flagged(text: str, flag: Flag) -> discord.Embed:
    lines = [marked(text, flag, 1500), "", f"Score {wording.strength(flag)}."]
    lines += [wording.meaning(e.technique) for e in flag.evidence]
    if flag.seed_text:
        likeness = wording.resemblance(flag.seed_similarity)
        lines.append(f"Resembles {likeness}: “{one_line(flag.seed_text, 180)}”")
    return discord.Embed(
        title=wording.possible(flag.technique), description=cut("\n".join(lines), 4000), colour=COLOUR_FLAG
    )
