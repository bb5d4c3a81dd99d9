"""Take Discord's markup off a message, and other people's words out of it."""

from __future__ import annotations

import html
import re

import emoji

from classifiers.text.aligned import AlignedText, Edit

_QUOTED = re.compile(
    r"^[ \t]*(?:>>>[ \t]?(?P<rest>[\s\S]*)|>[ \t]?(?P<line>(?![:;]?[()DPp3oO](?:\s|$))[^\n]*)(?:\n|$))", re.M
)
_CODE_BLOCK = re.compile(r"```(?:[a-zA-Z0-9+#-]*\n)?([\s\S]*?)```")
_LINK = re.compile(r"\[([^\]\n]+)\]\(<?https?://[^\s)]+>?\)")
_URL = re.compile(r"<?https?://[^\s>|]+>?|\bwww\.[^\s>|]+", re.I)
_MENTION = re.compile(r"<@[!&]?\d+>|<#\d+>|<id:\w+>|<t:-?\d+(?::\w)?>|</[^:>\n]+:\d+>")
_CUSTOM_EMOJI = re.compile(r"<a?:\w+:\d+>")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9a-fA-F]{1,5});")
_WRAPPERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\|\|([\s\S]+?)\|\|",
        r"``?([^`\n]+?)``?",
        r"\*\*\*(?=\S)([^\n]+?)(?<=\S)\*\*\*",
        r"\*\*(?=\S)([^\n]+?)(?<=\S)\*\*",
        r"(?<![\w*])\*(?=[^\s*])([^\n*]+?)(?<=[^\s*])\*(?![\w*])",
        r"__(?=\S)([^\n]+?)(?<=\S)__",
        r"(?<!\w)_(?=[^\s_])([^\n_]+?)(?<=[^\s_])_(?!\w)",
        r"~~(?=\S)([^\n]+?)(?<=\S)~~",
        r"(?m)^(?:#{1,3}|-#)[ \t]+([^\n]*)$",
    )
)

TELLING_EMOJI = {
    "🤡": "clown", "🐑": "sheep", "🐀": "rat", "🐁": "rat", "🐷": "pig", "🐖": "pig", "🐍": "snake",
    "🪳": "cockroach", "🐒": "monkey", "🧟": "zombie", "💩": "shit",
}  # fmt: skip
"""Emoji that name a people or an opponent; each is read as its word, once; all others are skipped."""


def without_entities(message: AlignedText) -> AlignedText:
    """Resolve HTML entities, as bridged messages carry them."""
    return message.substituted(_ENTITY, lambda m: html.unescape(m[0]))


def split_quotes(message: AlignedText) -> tuple[AlignedText, str]:
    """Return the author's own words and the words of quoted lines (`> ` and `>>> `), joined by newlines.

    A message that is nothing but a quotation is read as the author's own:
    there is nothing else to read.
    """
    quotes, edits = [], []
    for match in _QUOTED.finditer(message.text):
        quotes.append(match["rest"] if match["rest"] is not None else match["line"])
        edits.append((match.start(), match.end(), "\n"))
    own = message.edited(edits)
    if not own.text.strip():
        return message.without(_QUOTE_MARK, group=1), ""
    return own, "\n".join(quote.strip() for quote in quotes if quote.strip())


_QUOTE_MARK = re.compile(r"^[ \t]*>{1,3}[ \t]?()", re.M)


def without_code(message: AlignedText) -> AlignedText:
    """Cut fenced code blocks out; a message that is nothing but code keeps the words inside the fence."""
    cut = message.substituted(_CODE_BLOCK, lambda _: " ")
    return cut if cut.text.strip() else message.without(_CODE_BLOCK)


def without_markup(message: AlignedText) -> AlignedText:
    """Strip formatting marks, links' addresses, mentions, custom emoji; words stay."""
    message = message.without(_LINK)
    message = message.substituted(_CUSTOM_EMOJI, lambda _: " ")
    message = message.substituted(_MENTION, lambda _: " ")
    message = message.substituted(_URL, lambda _: " ")
    for wrapper in _WRAPPERS:
        message = message.without(wrapper)
    return message


def without_emoji(message: AlignedText) -> AlignedText:
    """Replace telling emoji by their word, once each, and drop the others; inside a word nothing is left."""
    if message.text.isascii():
        return message
    seen: set[str] = set()
    edits: list[Edit] = []
    for found in emoji.emoji_list(message.text):
        start, end, mark = int(found["match_start"]), int(found["match_end"]), str(found["emoji"])
        word = TELLING_EMOJI.get(mark[0], "")
        fresh = word if word not in seen else ""
        seen.add(word)
        edits.append((start, end, f" {fresh} " if fresh else _gap(message.text, start, end)))
    return message.edited(edits)


def _gap(text: str, start: int, end: int) -> str:
    inside_word = start > 0 and end < len(text) and text[start - 1].isalpha() and text[end].isalpha()
    return "" if inside_word else " "
