"""What is mended of the simulated Discord, and what is added to it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import discord
import pytest
import simcord
from discord.ext import commands

from bot.sandbox.clock import SimulatedClock
from bot.sandbox.simulated import BOT_NAME, simulated_discord

POSTS = 125


def _client() -> commands.Bot:
    return commands.Bot(command_prefix="!", intents=discord.Intents.all())


async def _talk(env: simcord.Env, posts: int) -> tuple[simcord.ChannelHandle, list[discord.Message]]:
    guild = env.create_guild()
    channel = guild.create_text_channel("general")
    anna = guild.add_member(env.create_user("anna"))
    return channel, [await anna.send(channel, f"post {n}") for n in range(posts)]


async def test_reading_on_from_a_point_gets_everything_in_order() -> None:
    client = _client()
    async with simulated_discord(client) as world:
        channel, posts = await _talk(world.env, POSTS)
        found = client.get_channel(channel.id)
        assert isinstance(found, discord.TextChannel)
        after = [m async for m in found.history(limit=None, after=posts[4], oldest_first=True)]
        assert [m.content for m in after] == [p.content for p in posts[5:]]
        next_three = [m async for m in found.history(limit=3, after=posts[0], oldest_first=True)]
        assert [m.content for m in next_three] == ["post 1", "post 2", "post 3"]
        latest = [m.content async for m in found.history(limit=2)]
        assert latest == ["post 124", "post 123"]


async def test_the_mend_survives_a_restart() -> None:
    async with simulated_discord(_client()) as world:
        channel, posts = await _talk(world.env, POSTS)
        again = _client()
        await world.restart(again)
        found = again.get_channel(channel.id)
        assert isinstance(found, discord.TextChannel)
        assert len([m async for m in found.history(limit=None, after=posts[0])]) == POSTS - 1


async def test_the_clock_starts_where_it_is_set() -> None:
    start = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
    client = _client()
    async with simulated_discord(client, start=start) as world:
        assert world.now() == start
        world.drift(1.5)
        assert world.now() == start + timedelta(seconds=1.5)
        assert client.user is not None
        assert client.user.name == BOT_NAME


async def test_only_the_channel_that_was_touched_counts() -> None:
    async with simulated_discord(_client()) as world:
        channel, _ = await _talk(world.env, 1)
        other = world.env.guild.create_text_channel("other")
        assert world.touched(channel.id, 0)
        assert not world.touched(other.id, 0)
        assert not world.touched(channel.id, world.happenings())


async def test_sleepers_wake_when_the_simulated_time_has_come() -> None:
    now = datetime(2026, 3, 3, tzinfo=UTC)
    clock = SimulatedClock()
    clock.follow(lambda: now)
    sleeper = clock.sleep(60)
    task = asyncio.create_task(sleeper)
    await asyncio.sleep(0)
    await clock.tell_moved()
    await asyncio.sleep(0)
    assert not task.done()
    now += timedelta(seconds=60)
    await clock.tell_moved()
    await task


async def test_errors_that_the_bot_swallows_end_the_run() -> None:
    client = _client()

    @client.event
    async def on_message(_: discord.Message) -> None:
        raise ValueError("swallowed")

    with pytest.raises(ExceptionGroup):
        async with simulated_discord(client) as world:
            await _talk(world.env, 1)
