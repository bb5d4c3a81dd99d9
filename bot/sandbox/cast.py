"""Build the demo server on a simulated Discord, and set the bot up as its moderators would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import discord
import simcord

from bot.sandbox.simulated import SimulatedDiscord
from bot.sandbox.story import Channel, Story

Target = (
    simcord.RoleHandle
    | simcord.MemberActor
    | simcord.UserHandle
    | discord.Role
    | discord.Member
    | discord.User
    | discord.ClientUser
)
"""Whom a channel's permissions can be about."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The people and places of the demo server, by their keys in the story."""

    guild: simcord.GuildHandle
    channels: Mapping[str, simcord.ChannelHandle]
    members: Mapping[str, simcord.MemberActor]
    webhooks: Mapping[str, simcord.WebhookHandle]
    roles: Mapping[str, simcord.RoleHandle]
    names: Mapping[str, str]


async def build_cast(world: SimulatedDiscord, story: Story) -> Cast:
    """Make the server with its roles, channels, threads, members and webhooks."""
    env = world.env
    guild = env.create_guild(name=story.name)
    roles = {
        r.key: guild.create_role(
            r.name, permissions=discord.Permissions(**dict.fromkeys(r.permissions, True))
        )
        for r in story.roles
    }
    members = {
        m.key: guild.add_member(
            env.create_user(m.key, global_name=m.name, bot=m.bot), roles=[roles[r] for r in m.roles]
        )
        for m in story.members
    }
    channels: dict[str, simcord.ChannelHandle] = {}
    for channel in story.channels:
        if channel.parent:
            channels[channel.key] = await _thread(env, channels[channel.parent], channel)
        else:
            channels[channel.key] = _text_channel(guild, channel, roles)
    return Cast(
        guild=guild,
        channels=channels,
        members=members,
        webhooks={w.key: guild.create_webhook(channels[w.channel], w.name) for w in story.webhooks},
        roles=roles,
        names={m.key: m.name for m in story.members} | {w.key: w.name for w in story.webhooks},
    )


def setting_up(story: Story, cast: Cast) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the slash commands with which a moderator sets the bot up, in order."""
    for channel in story.watched():
        if not channel.parent:
            yield "watch add", {"channel": cast.channels[channel.key]}
    yield "report-here", {}
    for key in story.exempt_roles:
        yield "exempt add", {"role": cast.roles[key]}
    yield "sensitivity", {"level": story.sensitivity}
    yield "digest-time", story.digest.model_dump()
    yield "dry-run", {"state": "off"}


def _text_channel(
    guild: simcord.GuildHandle, channel: Channel, roles: Mapping[str, simcord.RoleHandle]
) -> simcord.ChannelHandle:
    if not channel.visible_to:
        return guild.create_text_channel(channel.key, topic=channel.topic)
    seen = discord.PermissionOverwrite(view_channel=True)
    overwrites: dict[Target, discord.PermissionOverwrite] = {roles[key]: seen for key in channel.visible_to}
    overwrites[guild.default_role] = discord.PermissionOverwrite(view_channel=False)
    if guild.me is not None:
        overwrites[guild.me] = seen
    return guild.create_text_channel(channel.key, topic=channel.topic, overwrites=overwrites)


async def _thread(env: simcord.Env, parent: simcord.ChannelHandle, channel: Channel) -> simcord.ChannelHandle:
    """Open a thread; simcord has no builder for one, so the server's bot account does it."""
    found = env.bot.get_channel(parent.id)
    assert isinstance(found, discord.TextChannel), "the parent was made a moment ago"
    thread = await found.create_thread(name=channel.key, type=discord.ChannelType.public_thread)
    await env.settle()
    return next(t for t in parent.threads if t.id == thread.id)
