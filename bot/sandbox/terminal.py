"""Show a run in the terminal: messages as they arrive, cards as moderators see them, who does what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import discord
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.style import Style
from rich.table import Table
from rich.text import Text

from bot.sandbox.cards import ButtonLook, Card
from bot.sandbox.markup import Line

NAME_WIDTH = 11
CHANNEL_WIDTH = 18
CARD_WIDTH = 96

CHANNEL_COLOURS = ("cyan", "magenta", "green", "blue")

_BUTTONS = {
    "primary": "bold white on blue",
    "secondary": "white on grey30",
    "danger": "white on dark_red",
    "success": "white on dark_green",
    "link": "underline",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A message as one line of the terminal; `note` says why nothing came of it."""

    at: datetime
    channel: str
    author: str
    text: str
    is_flagged: bool = False
    is_reply: bool = False
    note: str = ""


class Terminal:
    """Print; user text is never read as markup."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._colours: dict[str, str] = {}

    def chapter(self, title: str) -> None:
        """Start a part of the run."""
        self._console.print()
        self._console.print(Rule(Text(title, style="bold"), align="left", style="grey50"))

    def note(self, text: str) -> None:
        """Print a remark of the sandbox itself."""
        self._console.print(Text(text, style="italic grey62"))

    def said(self, said: Said) -> None:
        """Print a message, dimmed when nothing comes of it."""
        colour = self._colours.setdefault(
            said.channel, CHANNEL_COLOURS[len(self._colours) % len(CHANNEL_COLOURS)]
        )
        look = "bold" if said.is_flagged else "dim"
        line = Text(f"{said.at:%a %H:%M}  ", style="dim")
        line.append(
            f"#{said.channel}".ljust(CHANNEL_WIDTH), style=colour if said.is_flagged else f"dim {colour}"
        )
        line.append(said.author[:NAME_WIDTH].ljust(NAME_WIDTH + 1), style=look)
        line.append("↩ " if said.is_reply else "  ", style="dim")
        note = f"  · {said.note}" if said.note else ""
        words = Text(
            " ".join(said.text.split()) or "(no text)", style="default" if said.is_flagged else "dim"
        )
        words.truncate(self._console.width - line.cell_len - cell_len(note) - 1, overflow="ellipsis")
        line.append_text(words)
        line.append(note, style="dim italic")
        self._console.print(line, no_wrap=True, crop=True)

    def card(self, card: Card, *, head: str) -> None:
        """Print a card as a panel, made of what the bot posted."""
        parts: list[RenderableType] = [as_text(card.description)] if card.description else []
        for field in card.fields:
            name = as_text(field.name)
            name.stylize("bold grey70")
            parts += [Text(), name, as_text(field.value)]
        if card.image_name:
            parts += [Text(), Text(f"[chart: {card.image_name}]", style="grey62")]
        if card.buttons:
            parts += [Text(), _buttons(card.buttons)]
        panel = Panel(
            Group(*parts),
            title=Text(f"{head} · {card.heading}" if head else card.heading, style=f"bold {card.colour}"),
            title_align="left",
            subtitle=Text(card.footer, style="grey50") if card.footer else None,
            subtitle_align="left",
            border_style=card.colour,
            width=min(CARD_WIDTH, self._console.width - 6),
            padding=(0, 1),
        )
        self._console.print(Padding(panel, (0, 0, 0, 4), expand=False))

    def updated(self, number: int, changed: Sequence[str]) -> None:
        """Say that a card was edited in place."""
        what = ", ".join(changed) or "nothing to see"
        self._console.print(
            Text(f"    ↻ the card of case {number} was edited in place: {what}", style="yellow")
        )

    def did(self, who: str, what: str) -> None:
        """Say what a moderator does."""
        line = Text("  ▸ ", style="bold green")
        line.append(who, style="bold green")
        line.append(f" {what}")
        self._console.print(line)

    def answered(self, who: str, text: str) -> None:
        """Print what only that person gets to see."""
        lines = Text(f"only {who} sees: ", style="grey62")
        lines.append(text, style="default")
        self._console.print(Padding(lines, (0, 0, 0, 4), expand=False))

    def addresses(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Print where the served channels are; an address is a key and must not be cut."""
        self.chapter("The doors are open")
        for channel, says, address in rows:
            line = Text(f"  {channel}", style="bold")
            line.append(f"  {says}", style="grey62")
            self._console.print(line)
            self._console.print(Text(f"    {address}", style="cyan"), soft_wrap=True)
        self.note("  Cards come by themselves a moment after a post. Ctrl-C ends the sandbox.")

    def figures(self, title: str, rows: Mapping[str, str]) -> None:
        """Print a small table of figures."""
        table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
        table.add_column(style="grey62")
        table.add_column()
        for name, value in rows.items():
            table.add_row(name, Text(value))
        self._console.print(table)


def as_text(lines: Sequence[Line]) -> Text:
    """Turn read markdown into terminal text."""
    text = Text()
    for number, line in enumerate(lines):
        text.append("\n" if number else "")
        if line.is_quote:
            text.append("▎ ", style="grey50")
        for run in line.runs:
            style = Style(
                bold=run.is_bold or None,
                italic=run.is_italic or None,
                strike=run.is_struck or None,
                underline=bool(run.url) or None,
                color="cyan" if run.is_mention or run.is_code else None,
            )
            text.append(run.text, style=style)
    return text


def answer_text(message: discord.Message, lines: Sequence[Line]) -> str:
    """Return a private answer's words, or the title of what was shown."""
    if message.content:
        return as_text(lines).plain.replace("\n", " ")
    return ", ".join(f"“{embed.title}”" for embed in message.embeds)


def _buttons(buttons: Sequence[ButtonLook]) -> Text:
    line = Text()
    for button in buttons:
        line.append(f" {button.label} ", style=_BUTTONS[button.style])
        line.append(" ")
    return line
