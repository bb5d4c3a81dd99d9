"""Show a post with the words that carry the device in bold."""

from __future__ import annotations

from bot.domain.flags import Flag
from bot.ui.text import block_quote, cut, escaped
from classifiers.contract import Span

AROUND = 160
"""Characters kept on each side of the evidence when a text is too long to show whole."""


def marked(text: str, flag: Flag, limit: int) -> str:
    """Return the text as a block quote with the evidence in bold, at most `limit` characters.

    Only words that stand in this version where they were found are set in bold. A text that is too long is
    shown around its first evidence.
    """
    spans = merged(standing(text, flag), len(text))
    shown = escaped(text)
    window = _window(spans, len(text), limit)
    pieces: list[str] = ["…" if window.start else ""]
    at = window.start
    for span in spans:
        start, end = max(span.start, at), min(span.end, window.end)
        if start >= end:
            continue
        pieces += [*shown[at:start], bold("".join(shown[start:end]))]
        at = end
    pieces += [*shown[at : window.end], "…" if window.end < len(text) else ""]
    return cut(block_quote("".join(pieces)), limit)


def standing(text: str, flag: Flag) -> list[Span]:
    """Return where the quoted words stand in `text`, leaving out those that stand there no more."""
    return [e.span for e in flag.evidence if e.span and e.quote and e.span.of(text) == e.quote]


def merged(spans: list[Span], length: int) -> list[Span]:
    """Return spans in order, clipped to the text, overlapping or touching ones joined."""
    result: list[Span] = []
    for span in sorted(spans):
        start, end = max(0, span.start), min(length, span.end)
        if start >= end:
            continue
        if result and start <= result[-1].end:
            result[-1] = Span(result[-1].start, max(end, result[-1].end))
        else:
            result.append(Span(start, end))
    return result


def bold(text: str) -> str:
    """Set words in bold line by line, since Discord's bold ends with the line; blanks stay outside."""
    return "\n".join(_bold_line(line) for line in text.split("\n"))


def _bold_line(line: str) -> str:
    inner = line.strip()
    if not inner:
        return line
    lead = line[: len(line) - len(line.lstrip())]
    return f"{lead}**{inner}**{line[len(line.rstrip()) :]}"


def _window(spans: list[Span], length: int, limit: int) -> Span:
    room = limit // 2  # escaping can double a text
    if length <= room or not spans:
        return Span(0, min(length, room))
    start = max(0, spans[0].start - AROUND)
    return Span(start, min(length, start + room))
