"""Make hostile text harmless to show, and cut it to Discord's limits."""

from __future__ import annotations

import re
import unicodedata

MOST_COMBINING = 2
"""Combining marks kept in a row; more is decoration that spills over other lines."""

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u00ad\u061c\u180e]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACE = re.compile(r"\s+")

_MARKS = frozenset("\\*_~|`[]()<>")
"""Characters that format wherever they stand: emphasis, spoilers, code, masked links, `<…>` tokens."""

_LINE_MARK = re.compile(r"(?:^|(?<=[\n\u2028\u2029]))[^\S\n\u2028\u2029]*(?:\d+(?=[.)])|(?=[#\-+]))")
"""What comes before a character that makes a heading, small print or a list at the start of a line."""

_LINK = re.compile(r":(?=//)")
"""The colon of an address: escaped, the address stays readable and is not made a link."""

_ESCAPED = re.compile(r"\\.", re.DOTALL)
_OPEN_LINK = re.compile(r"(?<!\\)\[(?:\\.|[^\]\\])*(?:\](?:\([^)\s]*)?)?$")


def harmless(text: str) -> str:
    """Return text that pings nobody, formats and links nothing and hides nothing; words stay readable."""
    return "".join(escaped(text))


def escaped(text: str) -> list[str]:
    """Return what to show for each character of `text`, so that a part can be set off afterwards."""
    shown = _seen(text)
    places = [place for place, char in enumerate(shown) if char]
    line = "".join(shown)
    special = {m.end() for m in _LINE_MARK.finditer(line)} | {m.start() for m in _LINK.finditer(line)}
    for at, place in enumerate(places):
        char = shown[place]
        if char in _MARKS or at in special:
            shown[place] = f"\\{char}"
        elif char == "@":
            shown[place] = "@\u200b"
    return shown


def visible(text: str) -> str:
    """Drop control, direction-changing and zero-width characters, and stacks of combining marks."""
    return "".join(_seen(text))


def one_line(text: str, limit: int) -> str:
    """Return harmless text on one line of at most `limit` characters."""
    return cut(harmless(_SPACE.sub(" ", visible(text)).strip()), limit)


def name(text: str) -> str:
    """Return a member's name, harmless and short; a name of nothing visible becomes a word."""
    return one_line(text, 40) or "(no name)"


def quote(text: str, limit: int) -> str:
    """Return harmless text as a block quote of at most `limit` characters."""
    return cut(block_quote(harmless(text)), limit)


def block_quote(text: str) -> str:
    """Set a quote mark before every line; a text of nothing says so."""
    lines = text.strip().splitlines() or ["(no text)"]
    return "\n".join(f"> {line}" for line in lines)


def cut(text: str, limit: int) -> str:
    """Cut to `limit` characters, an ellipsis last, and no escape, bold mark or link left open."""
    if len(text) <= limit:
        return text
    kept = _whole(text[: limit - 3])
    kept = _OPEN_LINK.sub("", kept)
    marks = _ESCAPED.sub("", kept).count("*") % 4
    if marks == 1 or (marks == 2 and kept.endswith("**")):
        kept = kept[: len(kept) - marks]
    elif marks:
        kept += "*" * (4 - marks)
    return kept[: limit - 1] + "…"


def _seen(text: str) -> list[str]:
    """Return each character, or nothing for one that is not to be seen."""
    seen: list[str] = []
    run = 0
    for char in text:
        if _INVISIBLE.match(char) or _CONTROL.match(char):
            seen.append("")
            continue
        run = run + 1 if unicodedata.combining(char) else 0
        seen.append(char if run <= MOST_COMBINING else "")
    return seen


def _whole(text: str) -> str:
    """Leave out a backslash at the end that would escape nothing."""
    backslashes = len(text) - len(text.rstrip("\\"))
    return text[:-1] if backslashes % 2 else text
