"""The moderators' desk: the queue, one case, and the buttons under every card."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.access import find_channel, may_moderate, may_read, may_read_case
from bot.cogs.answers import Interaction, answer, answer_error, defer, guild_of
from bot.domain.cases import Ruling
from bot.services.review import Review
from bot.services.summaries import Summarizer
from bot.services.watching import Watching
from bot.ui import wording
from bot.ui.buttons import RULINGS, Action, CaseButton, ReasonModal, case_buttons
from bot.ui.case_card import case_embed
from bot.ui.context_card import context_embed
from bot.ui.queue_card import PER_PAGE, PageButton, queue_embed, queue_pages

ASKING = {
    Ruling.UPHELD: "Uphold case {}",
    Ruling.DISMISSED: "Dismiss case {}",
    Ruling.SECOND_OPINION: "Ask for a second opinion on case {}",
}


class Desk(commands.Cog):
    """Everything a moderator does with cases."""

    def __init__(
        self, client: commands.Bot, *, review: Review, summarizer: Summarizer, watching: Watching
    ) -> None:
        self._client = client
        self._review = review
        self._summarizer = summarizer
        self._watching = watching

    async def cog_load(self) -> None:
        """Make the buttons of earlier runs work again."""
        self._client.add_dynamic_items(CaseButton, PageButton)

    @app_commands.command(name="cases", description="Show the open cases, most pressing first")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def cases(self, interaction: Interaction) -> None:
        """Show the first page of the queue."""
        await defer(interaction)
        await answer(interaction, **await self._page(interaction, 0))

    @app_commands.command(name="case", description="Show one case in full")
    @app_commands.describe(number="The case's number")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def case(self, interaction: Interaction, number: app_commands.Range[int, 1, 10**9]) -> None:
        """Show one case with its buttons to who may read its channel; a missing summary is made now."""
        await defer(interaction)
        found = await self._review.case(guild_of(interaction), number)
        if not await may_read_case(interaction, found):
            await answer(interaction, wording.NOT_READABLE)
            return
        found = await self._summarizer.with_summary(found)
        preferences = await self._watching.preferences(found.guild_id)
        buttons = case_buttons(found, is_delete_offered=preferences.is_delete_offered)
        await answer(interaction, embed=case_embed(found), view=buttons)

    async def turned(self, interaction: Interaction, page: int) -> None:
        """Show another page of the queue in place, the last one when there are fewer by now."""
        try:
            if await _allowed(interaction):
                await interaction.response.defer()
                await interaction.edit_original_response(**await self._page(interaction, page))
        except Exception as error:
            await answer_error(interaction, error)

    async def _page(self, interaction: Interaction, number: int) -> dict[str, Any]:
        page = await self._review.queue(guild_of(interaction), number, PER_PAGE)
        hidden = {c.id for c in page.cases if not await may_read_case(interaction, c)}
        return {
            "embed": queue_embed(page.cases, page.total, page.number, hidden=hidden),
            "view": queue_pages(page.total, page.number),
        }

    async def pressed(self, interaction: Interaction, action: Action, number: int) -> None:
        """Answer a button under a card."""
        try:
            if await _allowed(interaction):
                await self._act(interaction, action, number)
        except Exception as error:
            await answer_error(interaction, error)

    async def _act(self, interaction: Interaction, action: Action, number: int) -> None:
        if action in RULINGS:
            await self._ask_reason(interaction, RULINGS[action], number)
        elif action is Action.CONTEXT:
            await self._show_context(interaction, number)
        else:
            await self._ask_deletion(interaction, number)

    async def _ask_reason(self, interaction: Interaction, ruling: Ruling, number: int) -> None:
        async def carry_on(submitted: Interaction, reason: str) -> None:
            if await _allowed(submitted):
                await self._rule(submitted, ruling, number, reason)

        await interaction.response.send_modal(ReasonModal(ASKING[ruling].format(number), carry_on))

    async def _rule(
        self,
        interaction: Interaction,
        ruling: Ruling,
        number: int,
        reason: str,
        otherwise: str = wording.WENT_WRONG,
    ) -> None:
        try:
            await defer(interaction)
            case = await self._review.rule(guild_of(interaction), number, ruling, interaction.user.id, reason)
        except Exception as error:
            await answer_error(interaction, error, otherwise)
            return
        await answer(interaction, wording.ruled(case))

    async def _show_context(self, interaction: Interaction, number: int) -> None:
        await defer(interaction)
        case = await self._review.case(guild_of(interaction), number)
        if not await may_read(interaction, case.first.channel_id):
            await answer(interaction, wording.NOT_READABLE)
            return
        await answer(interaction, embed=context_embed(case, await self._summarizer.more(case)))

    async def _ask_deletion(self, interaction: Interaction, number: int) -> None:
        # A modal must be the first answer, so only what is kept in memory is looked at before.
        preferences = await self._watching.preferences(guild_of(interaction))
        if not preferences.is_delete_offered:
            await answer(interaction, "Deleting is switched off in this server.")
            return

        async def carry_on(submitted: Interaction, reason: str) -> None:
            try:
                if await _allowed(submitted):
                    await defer(submitted)
                    await self._delete(submitted, number, reason)
            except Exception as error:
                await answer_error(submitted, error)

        await interaction.response.send_modal(ReasonModal(f"Delete the message of case {number}", carry_on))

    async def _delete(self, interaction: Interaction, number: int, reason: str) -> None:
        """Delete a flagged message because this person said so, with their rights and the bot's."""
        first = (await self._review.case(guild_of(interaction), number)).first
        channel = await find_channel(interaction, first.channel_id)
        if not isinstance(channel, discord.abc.Messageable):
            await answer(interaction, "That channel is gone.")
            return
        person = interaction.user
        if not isinstance(person, discord.Member) or not channel.permissions_for(person).manage_messages:
            await answer(interaction, "You need the permission to manage messages in that channel.")
            return
        if not channel.permissions_for(channel.guild.me).manage_messages:
            await answer(interaction, "I lack the permission to manage messages in that channel.")
            return
        try:
            await channel.get_partial_message(first.message_id).delete()
        except discord.NotFound:
            await answer(interaction, "The message was already gone.")
            return
        ruled = reason or "Message deleted."
        await self._rule(interaction, Ruling.UPHELD, number, ruled, wording.DELETED_NOT_RULED)


async def _allowed(interaction: Interaction) -> bool:
    if may_moderate(interaction):
        return True
    await answer(interaction, wording.NOT_ALLOWED)
    return False
