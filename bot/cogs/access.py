"""Who may use the bot, and which channels a person may read through it."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.domain.cases import Case

Interaction = discord.Interaction[Any]
Readable = discord.abc.GuildChannel | discord.Thread


def may_moderate(interaction: Interaction) -> bool:
    """Say whether the person may manage messages where they are; outside servers raise `NoPrivateMessage`."""
    if interaction.guild_id is None:
        raise app_commands.NoPrivateMessage
    granted = interaction.permissions
    return granted.manage_messages or granted.administrator


async def find_channel(interaction: Interaction, channel_id: int) -> Readable | None:
    """Return a channel or thread of the server, None when it is gone; archived threads are asked for."""
    guild = interaction.guild
    if guild is None:
        return None
    found = guild.get_channel_or_thread(channel_id)
    if found is None:
        try:
            found = await guild.fetch_channel(channel_id)
        except (discord.HTTPException, discord.InvalidData):
            return None
    return found


async def may_read(interaction: Interaction, channel_id: int) -> bool:
    """Say whether the person may read a channel's history; of a channel that is gone, administrators may."""
    channel = await find_channel(interaction, channel_id)
    person = interaction.user
    if not isinstance(person, discord.Member):
        return False
    if channel is None or (isinstance(channel, discord.Thread) and channel.parent is None):
        return interaction.permissions.administrator
    granted = channel.permissions_for(person)
    if not (granted.view_channel and granted.read_message_history):
        return False
    if isinstance(channel, discord.Thread) and channel.is_private() and not granted.manage_threads:
        return await _is_in(channel, person)
    return True


async def may_read_case(interaction: Interaction, case: Case) -> bool:
    """Say whether the person may read every channel that the case's posts stand in."""
    channels = {s.channel_id for s in case.sightings}
    return all([await may_read(interaction, channel_id) for channel_id in channels])


async def _is_in(thread: discord.Thread, person: discord.Member) -> bool:
    try:
        await thread.fetch_member(person.id)
    except discord.HTTPException:
        return False
    return True
