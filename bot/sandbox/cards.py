"""What stands in the moderators' channel, read back from the messages the bot posted there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import discord

from bot.sandbox.markup import Line, Reader

_CASE = re.compile(r"Case (\d+) · ")

STYLES = {
    discord.ButtonStyle.primary: "primary",
    discord.ButtonStyle.secondary: "secondary",
    discord.ButtonStyle.success: "success",
    discord.ButtonStyle.danger: "danger",
    discord.ButtonStyle.link: "link",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an embed."""

    name: list[Line]
    value: list[Line]
    is_inline: bool


@dataclass(frozen=True, slots=True)
class ButtonLook:
    """A button as it is shown."""

    label: str
    style: str
    is_disabled: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One embed with its buttons; `title_url` is where the title leads, `image_name` an attached picture."""

    message_id: int
    title: list[Line]
    title_url: str
    colour: str
    description: list[Line]
    fields: tuple[Field, ...]
    footer: str
    at: datetime | None
    buttons: tuple[ButtonLook, ...]
    image_name: str = ""

    @property
    def heading(self) -> str:
        """Return the title's words."""
        return "".join(run.text for line in self.title for run in line.runs)

    @property
    def number(self) -> int:
        """Return the case's number, 0 for a card that is no case."""
        found = _CASE.match(self.heading)
        return int(found[1]) if found else 0

    @property
    def flagged_message_id(self) -> int:
        """Return the message that the title leads to, 0 when it leads to none."""
        last = self.title_url.rsplit("/", 1)[-1]
        return int(last) if last.isdigit() else 0

    @property
    def is_open(self) -> bool:
        """Say whether a ruling is still wanted: only an open case offers a second opinion."""
        return any(button.label == "Need a second opinion" for button in self.buttons)


def read_card(message: discord.Message, embed: discord.Embed, reader: Reader) -> Card:
    """Read one embed of a message as it would be shown."""
    colour = embed.colour.value if embed.colour else 0x80848E
    return Card(
        message_id=message.id,
        title=reader.read(embed.title or ""),
        title_url=embed.url or "",
        colour=f"#{colour:06x}",
        description=reader.read(embed.description) if embed.description else [],
        fields=tuple(
            Field(reader.read(f.name or ""), reader.read(f.value or ""), bool(f.inline)) for f in embed.fields
        ),
        footer=embed.footer.text or "",
        at=embed.timestamp,
        buttons=tuple(_buttons(message)),
        image_name=(embed.image.url or "").rsplit("/", 1)[-1],
    )


def read_cards(message: discord.Message, reader: Reader) -> list[Card]:
    """Read all embeds of a message; the buttons stand under each."""
    return [read_card(message, embed, reader) for embed in message.embeds]


def changed_fields(before: discord.Embed, after: discord.Embed) -> list[str]:
    """Name the parts of a card that an edit changed or added."""
    old: Mapping[str | None, str | None] = {f.name: f.value for f in before.fields}
    changed = [f.name or "" for f in after.fields if old.get(f.name) != f.value]
    if before.description != after.description:
        changed.insert(0, "text")
    return changed


def _buttons(message: discord.Message) -> Iterator[ButtonLook]:
    for row in message.components:
        if not isinstance(row, discord.ActionRow):
            continue
        for item in row.children:
            if isinstance(item, discord.Button):
                yield ButtonLook(item.label or "", STYLES.get(item.style, "secondary"), item.disabled)
