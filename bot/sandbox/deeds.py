"""What moderators do in the demo, through the buttons, modals and slash commands they really have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import discord
import simcord

from bot.sandbox.cards import Card, read_cards
from bot.sandbox.markup import Reader
from bot.sandbox.stage import Stage
from bot.sandbox.story import Beat, Line
from bot.sandbox.terminal import Terminal, answer_text

UPHOLD, DISMISS, SECOND, CONTEXT = "Uphold", "Dismiss", "Need a second opinion", "More context"

CLEAR = 2
"""The flag of a line from which the demo's moderators uphold a case."""

FAIR = "Strong, but argued in good faith."


@dataclass(frozen=True, slots=True)
class Private:
    """An answer that only one person got to see."""

    who: str
    did: str
    text: str
    cards: tuple[Card, ...]


@dataclass(slots=True)
class Moderators:
    """The people at the desk; `line_of` finds the story's line behind a message id."""

    stage: Stage
    terminal: Terminal
    line_of: Callable[[int], Line | None]
    answers: list[Private] = field(default_factory=list)

    async def run_command(self, who: str, name: str, shown: str = "", **options: object) -> None:
        """Run a slash command in the moderators' channel."""
        actor = self.stage.cast.members[who]
        channel = self.stage.cast.channels[self.stage.story.mod_channel]
        did = shown or f"runs /{name}"
        self.terminal.did(self._name(who), did)
        self._heard(who, did, await actor.slash(channel, name, **options))

    async def check(self, beat: Beat) -> None:
        """Ask the model about a text."""
        options = {"text": beat.text} | ({"answering": beat.answering} if beat.answering else {})
        await self.run_command(beat.who, "check", f"runs /check text: {beat.text}", **options)

    async def refused(self, who: str) -> None:
        """Press a button without the permission to."""
        if card := self._open_card():
            did = f"(no moderator) presses “{UPHOLD}” on case {card.number}"
            await self._press(who, card, UPHOLD, did)

    async def ask_context(self, who: str) -> None:
        """Ask for a longer run-up to the newest open case."""
        if card := self._open_card():
            await self._press(who, card, CONTEXT, f"presses “{CONTEXT}” on case {card.number}")

    async def ask_second_opinion(self, beat: Beat, message_id: int) -> None:
        """Leave a case to somebody else: the one named, or the newest open one."""
        found = [c for c in self.stage.cards() if c.is_open and c.flagged_message_id == message_id]
        if card := (found[0] if found else self._open_card()):
            await self._rule(beat.who, card, SECOND, "I am too close to this one.")

    async def rule(self, who: str, most: int) -> None:
        """Rule on the oldest open cases as the story's labels say."""
        for card in [c for c in self.stage.cards() if c.is_open][:most]:
            line = self.line_of(card.flagged_message_id)
            is_clear = line is not None and line.flag >= CLEAR
            reason = (line.why if line else "") or ("" if is_clear else FAIR)
            await self._rule(who, card, UPHOLD if is_clear else DISMISS, reason)

    async def _rule(self, who: str, card: Card, label: str, reason: str) -> None:
        """Press a ruling, give the reason in the modal that opens, and submit it."""
        actor = self.stage.cast.members[who]
        did = f"presses “{label}” on case {card.number}"
        shown = await actor.click(self.stage.desk_message(card.message_id), label=label)
        if shown.modal is None:
            self.terminal.did(self._name(who), did)
            self._heard(who, did, shown)
            return
        did += f" and writes: {reason}" if reason else " and gives no reason"
        self.terminal.did(self._name(who), did)
        self._heard(who, did, await actor.submit_modal(shown, {_text_input(shown.modal): reason}))
        await self.stage.settled()

    async def _press(self, who: str, card: Card, label: str, did: str) -> None:
        actor = self.stage.cast.members[who]
        self.terminal.did(self._name(who), did)
        self._heard(who, did, await actor.click(self.stage.desk_message(card.message_id), label=label))

    def _heard(self, who: str, did: str, result: simcord.InteractionResult) -> None:
        """Keep and print the private answer."""
        said = next((m for m in [*reversed(result.followups), result.response] if m is not None), None)
        if said is None:
            return
        message: discord.Message = said.message
        reader: Reader = self.stage.reader()
        text = answer_text(message, reader.read(message.content))
        cards = tuple(read_cards(message, reader))
        self.answers.append(Private(self._name(who), did, text if message.content else "", cards))
        self.terminal.answered(self._name(who), text)
        for card in cards:
            self.terminal.card(card, head="")

    def _open_card(self) -> Card | None:
        return next((c for c in reversed(self.stage.cards()) if c.is_open), None)

    def _name(self, who: str) -> str:
        return self.stage.cast.names[who]


def _text_input(modal: object) -> str:
    """Return the custom id of a modal's only text input."""
    waiting: list[object] = [modal]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            if part.get("type") == discord.ComponentType.text_input.value:
                return str(part["custom_id"])
            waiting.extend([part.get("components", []), part.get("component", [])])
    raise LookupError("the modal asks for nothing")
