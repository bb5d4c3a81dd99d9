"""Make hostile text harmless to show, and cut it to Discord's limits."""

from __future__ import annotations

import re
import unicodedata

import discord

MOST_COMBINING = 2
"""Combining marks kept in a row; more is decoration that spills over other lines."""

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u00ad\u061c\u180e]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACE = re.compile(r"\s+")


def harmless(text: str) -> str:
    """Return text that pings nobody, formats nothing and hides nothing; words stay readable."""
    return _link_proof(discord.utils.escape_mentions(discord.utils.escape_markdown(visible(text))))


def visible(text: str) -> str:
    """Drop control, direction-changing and zero-width characters, and stacks of combining marks."""
    kept: list[str] = []
    run = 0
    for char in _CONTROL.sub("", _INVISIBLE.sub("", text)):
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= MOST_COMBINING:
            kept.append(char)
    return "".join(kept)


def one_line(text: str, limit: int) -> str:
    """Return harmless text on one line of at most `limit` characters."""
    return cut(harmless(_SPACE.sub(" ", visible(text)).strip()), limit)


def name(text: str) -> str:
    """Return a member's name, harmless and short; a name of nothing visible becomes a word."""
    return one_line(text, 40) or "(no name)"


def quote(text: str, limit: int) -> str:
    """Return harmless text as a block quote of at most `limit` characters."""
    lines = harmless(text).strip().splitlines() or ["(no text)"]
    return cut("\n".join(f"> {line}" for line in lines), limit)


def cut(text: str, limit: int) -> str:
    """Cut to `limit` characters, an ellipsis last, never leaving a lone backslash or half a bold mark."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 3].rstrip("\\")
    if kept.count("**") % 2:
        kept = kept.rstrip("*") if kept.endswith("*") else kept + "**"
    return kept[: limit - 1] + "…"


def _link_proof(text: str) -> str:
    return text.replace("](", "]\u200b(").replace("<", "\\<")
