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
from bot.ui.needed import missing, to_post

Reportable = discord.TextChannel | discord.Thread


class DiscordModChannel:
    """Post cards and digests on Discord."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def post_case(self, case: Case, preferences: Preferences, nonce: str) -> CardPlace | None:
        """Post a card, and ping the role chosen for new ones."""
        channel, _ = await self._chosen(preferences)
        role = channel.guild.get_role(preferences.ping_role_id)
        try:
            message = await channel.send(
                content=role.mention if role else None,
                embed=case_embed(case),
                view=case_buttons(case, is_delete_offered=preferences.is_delete_offered),
                nonce=nonce,
                allowed_mentions=_only(role),
            )
        except (discord.HTTPException, OSError) as error:
            raise _cause(error) from error
        return CardPlace(channel.id, message.id)

    async def edit_case(self, case: Case, preferences: Preferences) -> None:
        """Bring a card up to date without a ping; one that is gone, or whose channel is, is left gone."""
        if not case.card_message_id:
            return
        self._expect_server(case.guild_id)
        channel = await self._find(case.card_channel_id)
        if channel is None:
            return
        _expect(channel, ("view_channel",))
        try:
            if isinstance(channel, discord.Thread) and channel.archived and not channel.locked:
                channel = await channel.edit(archived=False)
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
        """Post the weekly report, with its chart where files may be attached."""
        channel, granted = await self._chosen(preferences)
        has_chart = granted.attach_files
        try:
            await channel.send(
                embed=digest_embed(digest, has_chart=has_chart),
                files=await chart_files(digest) if has_chart else [],
                nonce=nonce,
            )
        except (discord.HTTPException, OSError) as error:
            raise _cause(error) from error

    async def _chosen(self, preferences: Preferences) -> tuple[Reportable, discord.Permissions]:
        """Return the moderators' channel and what the bot may do there; raise `ModChannelError`."""
        if not preferences.mod_channel_id:
            raise ModChannelError("no moderators' channel is chosen: choose one with /report-here")
        self._expect_server(preferences.guild_id)
        channel = await self._find(preferences.mod_channel_id)
        if channel is None:
            raise ModChannelError("the moderators' channel is gone: choose one with /report-here")
        return channel, _expect(channel, to_post(channel))

    def _expect_server(self, guild_id: int) -> None:
        guild = self._client.get_guild(guild_id)
        if guild is None or guild.unavailable:
            raise ModChannelError("the server cannot be reached, or the bot is not in it any more")

    async def _find(self, channel_id: int) -> Reportable | None:
        """Return a channel or thread, None when it is gone; an archived thread has to be asked for."""
        found = self._client.get_channel(channel_id)
        if found is None:
            try:
                found = await self._client.fetch_channel(channel_id)
            except discord.NotFound:
                return None
            except (discord.HTTPException, discord.InvalidData, OSError) as error:
                raise _cause(error) from error
        return found if isinstance(found, Reportable) else None


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


def _expect(channel: Reportable, needed: tuple[str, ...]) -> discord.Permissions:
    """Return what the bot may do in a channel; raise `ModChannelError` when something needed is missing."""
    if isinstance(channel, discord.Thread) and channel.parent is None:
        raise ModChannelError("the channel that holds the moderators' thread cannot be seen")
    granted = channel.permissions_for(channel.guild.me)
    if lacking := missing(granted, needed):
        raise ModChannelError(f"missing permission in #{channel.id}: {', '.join(lacking)}")
    return granted


def _only(role: discord.Role | None) -> discord.AllowedMentions:
    return discord.AllowedMentions(everyone=False, users=False, roles=[role] if role else False)


def _cause(error: Exception) -> ModChannelError:
    if isinstance(error, discord.HTTPException):
        return ModChannelError(f"Discord answered {error.status} (code {error.code})")
    return ModChannelError(f"Discord could not be reached ({type(error).__name__})")
