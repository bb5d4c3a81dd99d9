"""The buttons under a card; they find their case by number and work after a restart."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, Protocol, Self

import discord
from discord.ui import Button, DynamicItem, Modal, TextInput, View

from bot.domain.cases import Case, Ruling

Interaction = discord.Interaction[discord.Client]


class Action(StrEnum):
    """What a button does; the value stands in the button's custom id and must never change."""

    UPHOLD = "uphold"
    DISMISS = "dismiss"
    SECOND_OPINION = "second"
    CONTEXT = "context"
    DELETE = "delete"


RULINGS = {
    Action.UPHOLD: Ruling.UPHELD,
    Action.DISMISS: Ruling.DISMISSED,
    Action.SECOND_OPINION: Ruling.SECOND_OPINION,
}

_LOOKS = {
    Action.UPHOLD: ("Uphold", discord.ButtonStyle.primary),
    Action.DISMISS: ("Dismiss", discord.ButtonStyle.secondary),
    Action.SECOND_OPINION: ("Need a second opinion", discord.ButtonStyle.secondary),
    Action.CONTEXT: ("More context", discord.ButtonStyle.secondary),
    Action.DELETE: ("Delete message…", discord.ButtonStyle.danger),
}


class Desk(Protocol):
    """Whoever answers when a button is pressed; the client carries one as `desk`."""

    async def pressed(self, interaction: Interaction, action: Action, number: int) -> None:
        """Answer a press."""
        ...


class CaseButton(DynamicItem[Button[Any]], template=r"case:(?P<action>[a-z]+):(?P<number>[0-9]{1,12})"):
    """One button of a card."""

    def __init__(self, action: Action, number: int) -> None:
        label, style = _LOOKS[action]
        super().__init__(Button(label=label, style=style, custom_id=f"case:{action.value}:{number}"))
        self.action = action
        self.number = number

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Rebuild the button from its custom id; an unknown action raises `ValueError`."""
        return cls(Action(match["action"]), int(match["number"]))

    async def callback(self, interaction: Interaction) -> None:
        """Hand the press to the desk."""
        desk: Desk = interaction.client.desk  # type: ignore[attr-defined]
        await desk.pressed(interaction, self.action, self.number)


class ReasonModal(Modal):
    """Ask for a reason, which may stay empty; then carry on."""

    reason: TextInput[Self] = TextInput(
        label="Reason (for the other moderators)",
        style=discord.TextStyle.paragraph,
        required=False,
        max_length=500,
    )

    def __init__(self, title: str, carry_on: Callable[[Interaction, str], Awaitable[None]]) -> None:
        super().__init__(title=title, timeout=600)
        self._carry_on = carry_on

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Carry on with the reason given."""
        await self._carry_on(interaction, self.reason.value)


def case_buttons(case: Case, *, is_delete_offered: bool) -> View:
    """Return the buttons that make sense in the case's state; a ruling can always be revised."""
    view = View(timeout=None)
    actions = [Action.UPHOLD, Action.DISMISS]
    if case.is_open:
        actions.append(Action.SECOND_OPINION)
    actions.append(Action.CONTEXT)
    if is_delete_offered and case.first.deleted_at is None:
        actions.append(Action.DELETE)
    for action in actions:
        view.add_item(CaseButton(action, case.number))
    return view
