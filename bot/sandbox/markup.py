"""Read the part of Discord's markdown that the bot's cards use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

_TOKEN = re.compile(
    r"\\(?P<escaped>[^\w\s]|_)"
    r"|(?P<bold>\*\*)|(?P<strike>~~)|(?P<italic>\*|(?<!\w)_(?=\S)|(?<=\S)_(?!\w))"
    r"|`(?P<code>[^`\n]+)`"
    r"|<(?P<sigil>#|@&|@!?)(?P<id>\d{1,20})>"
    r"|<t:(?P<time>-?\d{1,12})(?::(?P<style>[tTdDfFR]))?>"
    r"|\[(?P<label>(?:\\.|[^\]\\\n])+)\]\((?P<url>https?://[^\s()<>]+)\)"
    r"|(?P<plain>[^\\*_~`<\[]+|.)",
    re.DOTALL,
)

_STYLES = {
    "t": "%H:%M",
    "T": "%H:%M:%S",
    "d": "%d/%m/%Y",
    "D": "%-d %B %Y",
    "f": "%-d %B %Y %H:%M",
    "F": "%A, %-d %B %Y %H:%M",
}

_STEPS = (("year", 31_536_000), ("month", 2_592_000), ("day", 86_400), ("hour", 3_600), ("minute", 60))


@dataclass(frozen=True, slots=True)
class Run:
    """Words in one look; `when` is set for a timestamp, `url` for a link (http or https only)."""

    text: str
    is_bold: bool = False
    is_italic: bool = False
    is_struck: bool = False
    is_code: bool = False
    is_mention: bool = False
    url: str = ""
    when: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line, quoted or not."""

    runs: tuple[Run, ...]
    is_quote: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Turn markdown into lines of runs, with names for mentions and words for times."""

    names: Mapping[int, str] = field(default_factory=dict)
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def read(self, text: str) -> list[Line]:
        """Read a text line by line; formatting ends with its line."""
        return [self._line(line) for line in text.split("\n")]

    def _line(self, line: str) -> Line:
        is_quote = line.startswith("> ") or line == ">"
        return Line(tuple(self._runs(line[2:] if is_quote else line)), is_quote)

    def _runs(self, text: str, look: Run | None = None) -> Iterator[Run]:
        look = look or Run("")
        for found in _TOKEN.finditer(text):
            kind = found.lastgroup
            if kind == "bold":
                look = replace(look, is_bold=not look.is_bold)
            elif kind == "italic":
                look = replace(look, is_italic=not look.is_italic)
            elif kind == "strike":
                look = replace(look, is_struck=not look.is_struck)
            elif found["label"] is not None:
                yield from self._runs(found["label"], replace(look, url=found["url"]))
            else:
                yield self._run(found, look)

    def _run(self, found: re.Match[str], look: Run) -> Run:
        if found["id"] is not None:
            return replace(look, text=self._name(found["sigil"], int(found["id"])), is_mention=True)
        if found["time"] is not None:
            when = datetime.fromtimestamp(int(found["time"]), UTC)
            return replace(look, text=written_time(when, found["style"] or "f", self.now), when=when)
        if found["code"] is not None:
            return replace(look, text=found["code"], is_code=True)
        return replace(look, text=(found["escaped"] or found["plain"]).replace("\u200b", ""))

    def _name(self, sigil: str, thing: int) -> str:
        mark = "#" if sigil == "#" else "@"
        return f"{mark}{self.names.get(thing, 'unknown')}"


def written_time(when: datetime, style: str, now: datetime) -> str:
    """Write a time in one of Discord's styles; `R` is relative to `now`."""
    if style == "R":
        return _relative((when - now).total_seconds())
    return when.astimezone(UTC).strftime(_STYLES[style])


def plain(lines: list[Line]) -> str:
    """Return the words without their look."""
    return "\n".join("".join(run.text for run in line.runs) for line in lines)


def _relative(seconds: float) -> str:
    size = abs(seconds)
    for word, length in _STEPS:
        if size >= length:
            count = int(size // length)
            said = f"{count} {word}{'s' if count > 1 else ''}"
            return f"in {said}" if seconds > 0 else f"{said} ago"
    return "just now"
