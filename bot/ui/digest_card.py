"""The weekly report as a card."""

from __future__ import annotations

import discord

from bot.domain.cases import Case
from bot.domain.digests import Digest
from bot.ui import wording
from bot.ui.text import cut

COLOUR = 0x3B6FB6
CHART_NAME = "digest.png"


def digest_embed(digest: Digest, *, has_chart: bool = True) -> discord.Embed:
    """Build the digest card; a quiet week is one line, and a chart that cannot be shown is said to be out."""
    day = discord.utils.format_dt
    embed = discord.Embed(
        title="This week would have been" if digest.is_dry_run else "This week's flags",
        description=f"{day(digest.since, 'D')} – {day(digest.until, 'D')}\n{_plain_words(digest)}",
        colour=COLOUR,
    )
    if digest.is_quiet:
        return embed
    for title, value in (
        ("Techniques", _techniques(digest)),
        ("Rulings", _rulings(digest)),
        ("Open cases by age", _ages(digest)),
        ("Coverage", coverage_line(digest)),
        ("Highest open cases", "\n".join(map(_link, digest.highest_open))),
    ):
        if value:
            embed.add_field(name=title, value=cut(value, 1024), inline=False)
    if has_chart:
        embed.set_image(url=f"attachment://{CHART_NAME}")
    else:
        embed.add_field(name="Chart", value=wording.NO_CHART, inline=False)
    embed.set_footer(text=wording.PEOPLE_RULE)
    return embed


def coverage_line(digest: Digest) -> str:
    """Say how much was screened, and why the rest was not."""
    coverage = digest.coverage
    said = f"Screened {coverage.screened:,} of {coverage.posted:,} messages"
    reasons = [f"{n:,} {wording.skipped(r)}" for r, n in coverage.skipped.items() if n]
    return f"{said}; not screened: {', '.join(reasons)}." if reasons else f"{said}."


def _plain_words(digest: Digest) -> str:
    if digest.is_quiet:
        return f"A quiet week: nothing came up. {coverage_line(digest)}"
    waiting = sum(digest.open_by_age.values())
    lines = [
        f"{wording.count(digest.opened, 'case')} came up"
        + (f" (and {wording.count(digest.grouped, 'post')} grouped with them)" if digest.grouped else "")
        + f"; {digest.upheld} upheld, {digest.dismissed} dismissed, {waiting} still open in all."
    ]
    if digest.spilled:
        lines.append(
            f"{wording.count(digest.spilled, 'case')} got no card because the alert budget was used up."
        )
    old = digest.open_by_age.get("over a week", 0)
    if old:
        lines.append(f"{wording.count(old, 'case')} waited over a week: start there, with `/cases`.")
    elif waiting:
        lines.append("The open ones can be cleared with `/cases`.")
    return " ".join(lines)


def _techniques(digest: Digest) -> str:
    return "\n".join(
        f"{wording.MEANINGS[technique].name}: **{tally.flagged}** "
        f"({tally.upheld} upheld, {tally.dismissed} dismissed)"
        for technique, tally in list(digest.techniques.items())[:8]
    )


def _rulings(digest: Digest) -> str:
    if digest.precision is None:
        return "Nothing was ruled on yet, so nothing can be said about how right the flags were."
    ruled = digest.upheld + digest.dismissed
    return f"Precision: {digest.upheld} of {ruled} flags were upheld ({digest.precision:.0%})."


def _ages(digest: Digest) -> str:
    return ", ".join(f"{age}: {n}" for age, n in digest.open_by_age.items() if n)


def _link(case: Case) -> str:
    technique = wording.MEANINGS[case.flag.technique].name
    return f"[Case {case.number}]({case.url}) · {technique} · <#{case.first.channel_id}>"
