"""The card of one case, as moderators see it."""

from __future__ import annotations

from collections.abc import Iterable

import discord

from bot.domain.cases import Case, CaseState, ContextSummary, Ruling, Sighting
from bot.domain.posts import Quote
from bot.ui import wording
from bot.ui.evidence import marked, standing
from bot.ui.text import cut, name, one_line, quote

COLOURS = {CaseState.OPEN: 0xE8A317, CaseState.UPHELD: 0x3B6FB6, CaseState.DISMISSED: 0x80848E}
FIELD_LIMIT = 1024
EMBED_LIMIT = 6000
TEXT_LIMIT = 1500
SHOWN_SIGHTINGS = 5
SHOWN_VERDICTS = 4


def case_embed(case: Case) -> discord.Embed:
    """Build a card that stays within Discord's limits whatever the texts are."""
    flag = case.flag
    embed = discord.Embed(
        title=cut(f"Case {case.number} · {wording.possible(flag.technique)}", 256),
        url=case.url,
        description=_description(case),
        colour=COLOURS[case.state],
        timestamp=case.first.at,
    )
    for title, value in _fields(case):
        if value:
            embed.add_field(name=title, value=cut(value, FIELD_LIMIT), inline=False)
    embed.set_footer(text=cut(f"{wording.PEOPLE_RULE} · {flag.model_id}", 2048))
    return fitted(embed)


def fitted(embed: discord.Embed) -> discord.Embed:
    """Shorten the longest fields until the card is within Discord's limit for all its text."""
    while len(embed) > EMBED_LIMIT:
        longest = max(range(len(embed.fields)), key=lambda n: len(embed.fields[n].value or ""))
        field = embed.fields[longest]
        value = field.value or ""
        shorter = cut(value, max(len(value) // 2, len(value) - (len(embed) - EMBED_LIMIT)))
        embed.set_field_at(longest, name=field.name, value=shorter, inline=False)
    return embed


def _description(case: Case) -> str:
    first = case.first
    head = f"**{name(first.author_name)}** in <#{first.channel_id}> · [go to message]({case.url})"
    if first.deleted_at:
        head += f"\n🗑️ The message was deleted {discord.utils.format_dt(first.deleted_at, 'R')}."
    if not first.texts:
        return f"{head}\n> (the words were removed when their retention time was over)"
    return f"{head}\n{marked(_flagged_text(first), first.flag, TEXT_LIMIT)}"


def _flagged_text(sighting: Sighting) -> str:
    """Return the version that holds the evidence: the newest of those in which most quotes stand."""
    return max(reversed(sighting.texts), key=lambda text: len(standing(text, sighting.flag)))


def _fields(case: Case) -> Iterable[tuple[str, str]]:
    summary = case.summary or ContextSummary()
    yield "Why it came up", _why(case)
    yield "In answer to", _said(summary.reply_to, 400) if summary.reply_to else ""
    yield "Just before", _before(summary.before)
    yield "Quoted in the message, not the author's words", _quoted(summary.quoted_words)
    yield "Edited", _versions(case.first)
    yield f"Grouped with it ({len(case.sightings) - 1})", _grouped(case)
    yield "Earlier rulings on posts by this author here", _earlier(summary)
    yield "AutoMod", "AutoMod acted on this message too." if case.is_automod_marked else ""
    yield "Rulings", _verdicts(case)


def _why(case: Case) -> str:
    flag = case.flag
    lines = [f"{wording.MEANINGS[flag.technique].does} Score {wording.strength(flag)}."]
    also = [wording.MEANINGS[e.technique].name for e in flag.evidence[1:]]
    if also:
        lines.append(f"Also possible: {', '.join(also)}.")
    if flag.seed_text:
        likeness = wording.resemblance(flag.seed_similarity)
        lines.append(f"Resembles {likeness}: “{one_line(flag.seed_text, 180)}”")
    lines.append(f"Not so if {wording.MEANINGS[flag.technique].unless}.")
    if flag.is_truncated:
        lines.append("The message is long; part of it was read in pieces.")
    return "\n".join(lines)


def _said(said: Quote, limit: int) -> str:
    link = f" · [go to message]({said.url})" if said.url else ""
    return f"**{name(said.author_name)}**{link}\n{quote(said.text, limit)}"


def _before(quotes: tuple[Quote, ...]) -> str:
    room = (FIELD_LIMIT - 24) // max(1, len(quotes)) - 60
    return "\n".join(said_before(q, room) for q in quotes)


def said_before(said: Quote, room: int) -> str:
    """Put an earlier message on one line of about `room` characters; one with a case is marked and linked."""
    flag = f" [⚑]({said.url})" if said.is_flagged else ""
    words = one_line(said.text, max(20, min(140, room - len(flag)))) or "(no text)"
    return f"{discord.utils.format_dt(said.at, 't')} **{name(said.author_name)}**{flag}: {words}"


def _quoted(words: str) -> str:
    return quote(words, 400) if words else ""


def _versions(sighting: Sighting) -> str:
    if len(sighting.texts) < 2:
        return ""
    shown = sighting.texts[-3:]
    room = 900 // len(shown)
    labels = ["before", *["then"] * (len(shown) - 2), "now"]
    return "\n".join(f"{label}:\n{quote(text, room)}" for label, text in zip(labels, shown, strict=True))


def _grouped(case: Case) -> str:
    others = case.sightings[1:]
    if not others:
        return ""
    accounts = len({s.author_id for s in case.sightings})
    said = f"{wording.count(len(case.sightings), 'post')} by {wording.count(accounts, 'account')}"
    lines = [
        f"[message](https://discord.com/channels/{case.guild_id}/{s.channel_id}/{s.message_id}) "
        f"{one_line(s.text, 60)}"
        for s in others[-SHOWN_SIGHTINGS:]
    ]
    return "\n".join([said, *lines])


def _earlier(summary: ContextSummary) -> str:
    if not summary.earlier_upheld and not summary.earlier_dismissed:
        return ""
    return f"{summary.earlier_upheld} upheld, {summary.earlier_dismissed} dismissed"


def _verdicts(case: Case) -> str:
    lines = []
    for verdict in case.verdicts[-SHOWN_VERDICTS:]:
        reason = f" – {one_line(verdict.reason, 140)}" if verdict.reason else ""
        when = discord.utils.format_dt(verdict.at, "R")
        lines.append(f"{wording.ruling(verdict.ruling)} by <@{verdict.moderator_id}> {when}{reason}")
    wanted = case.is_open and case.verdicts and case.verdicts[-1].ruling is Ruling.SECOND_OPINION
    if wanted:
        lines.append("Somebody else should rule on this one.")
    return "\n".join(lines)
