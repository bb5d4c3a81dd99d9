"""Say things in a server's moderators' channel; in dry run, say nothing."""

from __future__ import annotations

import asyncio
from io import BytesIO

import discord

from bot.domain.cases import Case
from bot.domain.digests import Digest
from bot.domain.preferences import Preferences
from bot.ports import CardPlace, ModChannel, ModChannelError
from bot.ui.buttons import case_buttons
from bot.ui.case_card import case_embed
from bot.ui.charts import chart_alt_text, digest_chart
from bot.ui.digest_card import CHART_NAME, digest_embed

NEEDED = ("view_channel", "send_messages", "embed_links")
"""Permissions without which no card can be posted; checked first, since refusals count against the bot."""


class DiscordModChannel:
    """Post cards and digests on Discord."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def post_case(self, case: Case, preferences: Preferences, nonce: str) -> CardPlace | None:
        """Post a card; None where no moderators' channel was chosen yet."""
        if not preferences.mod_channel_id:
            return None
        channel = self._channel(preferences)
        ping = f"<@&{preferences.ping_role_id}>" if preferences.ping_role_id else None
        try:
            message = await channel.send(
                content=ping,
                embed=case_embed(case),
                view=case_buttons(case, is_delete_offered=preferences.is_delete_offered),
                nonce=nonce,
                allowed_mentions=_only_role(preferences.ping_role_id),
            )
        except (discord.HTTPException, OSError) as error:
            raise _cause(error) from error
        return CardPlace(channel.id, message.id)

    async def edit_case(self, case: Case, preferences: Preferences) -> None:
        """Bring a card up to date; one that was deleted, or whose channel was, is left gone."""
        channel = self._client.get_channel(case.card_channel_id)
        if not case.card_message_id or not isinstance(channel, discord.TextChannel | discord.Thread):
            return
        try:
            await channel.get_partial_message(case.card_message_id).edit(
                embed=case_embed(case),
                view=case_buttons(case, is_delete_offered=preferences.is_delete_offered),
                allowed_mentions=discord.AllowedMentions.none(),
            )
        except discord.NotFound:
            return
        except (discord.HTTPException, OSError) as error:
            raise _cause(error) from error

    async def post_digest(self, digest: Digest, preferences: Preferences, nonce: str) -> None:
        """Post the weekly report with its chart; nothing where no moderators' channel was chosen."""
        if not preferences.mod_channel_id:
            return
        channel = self._channel(preferences)
        try:
            await channel.send(embed=digest_embed(digest), files=await chart_files(digest), nonce=nonce)
        except (discord.HTTPException, OSError) as error:
            raise _cause(error) from error

    def _channel(self, preferences: Preferences) -> discord.TextChannel | discord.Thread:
        channel = self._client.get_channel(preferences.mod_channel_id)
        if not isinstance(channel, discord.TextChannel | discord.Thread):
            raise ModChannelError("the moderators' channel is gone: choose one with /report-here")
        granted = channel.permissions_for(channel.guild.me)
        missing = [p for p in NEEDED if not getattr(granted, p)]
        if missing:
            raise ModChannelError(f"missing permission in #{channel.id}: {', '.join(missing)}")
        return channel


class DryRunModChannel:
    """Show nothing: cases are stored and shown only to who asks; the digest says what would have been."""

    def __init__(self, real: ModChannel) -> None:
        self._real = real

    async def post_case(self, case: Case, preferences: Preferences, nonce: str) -> CardPlace | None:
        """Post nothing."""
        return None

    async def edit_case(self, case: Case, preferences: Preferences) -> None:
        """Keep cards that were posted before the dry run true."""
        await self._real.edit_case(case, preferences)

    async def post_digest(self, digest: Digest, preferences: Preferences, nonce: str) -> None:
        """Post the digest: it is how a server in dry run learns what would have come up."""
        await self._real.post_digest(digest, preferences, nonce)


class ChosenModChannel:
    """Choose, per server, between the real channel and dry run."""

    def __init__(self, *, real: ModChannel, dry_run: ModChannel) -> None:
        self._real = real
        self._dry_run = dry_run

    async def post_case(self, case: Case, preferences: Preferences, nonce: str) -> CardPlace | None:
        """Post a card where the server wants cards."""
        return await self._for(preferences).post_case(case, preferences, nonce)

    async def edit_case(self, case: Case, preferences: Preferences) -> None:
        """Bring a card up to date."""
        await self._for(preferences).edit_case(case, preferences)

    async def post_digest(self, digest: Digest, preferences: Preferences, nonce: str) -> None:
        """Post the weekly report."""
        await self._for(preferences).post_digest(digest, preferences, nonce)

    def _for(self, preferences: Preferences) -> ModChannel:
        return self._dry_run if preferences.is_dry_run else self._real


async def chart_files(digest: Digest) -> list[discord.File]:
    """Return the digest's chart as an attachment, none for a quiet week; drawn off the event loop."""
    if digest.is_quiet:
        return []
    png = await asyncio.to_thread(digest_chart, digest)
    return [discord.File(BytesIO(png), CHART_NAME, description=chart_alt_text(digest))]


def _only_role(role_id: int) -> discord.AllowedMentions:
    if not role_id:
        return discord.AllowedMentions.none()
    return discord.AllowedMentions(everyone=False, users=False, roles=[discord.Object(role_id)])


def _cause(error: Exception) -> ModChannelError:
    if isinstance(error, discord.HTTPException):
        return ModChannelError(f"Discord answered {error.status} (code {error.code})")
    return ModChannelError(f"Discord could not be reached ({type(error).__name__})")
