"""What is fetched over REST: missed posts with their authors' roles, archived threads, and what cannot be."""

from __future__ import annotations

import discord
import pytest
import simcord
from simcord.backend.models.channel import Overwrite
from simcord.enums import OverwriteType

from bot.cogs.history import DiscordHistory
from bot.cogs.posts import text_of
from bot.ports import ChannelRef, UnreadableError
from tests.discord.conftest import FRAMING, PLAIN, Home, said


def miss(home: Home, author: simcord.MemberActor, text: str, channel_id: int = 0) -> int:
    """Let a member post while the bot does not listen; return the message's id."""
    found = home.env.backend.create_message(channel_id or home.general.id, author.id, text, broadcast=False)
    return found.id


async def catch_up(home: Home) -> None:
    """Fill the gaps as after a lost session."""
    home.application.catch_up.request(home.guild.id)
    await home.application.catch_up.run_once()
    await home.done()


def general(home: Home) -> discord.TextChannel:
    channel = home.application.client.get_channel(home.general.id)
    assert isinstance(channel, discord.TextChannel)
    return channel


async def allow_history(home: Home, is_allowed: bool) -> None:
    """Give the bot Read Message History in the general channel, or take it."""
    deny = 0 if is_allowed else discord.Permissions(read_message_history=True).value
    bot = home.env.backend.bot_user.id
    home.env.backend.set_overwrite(home.general.id, Overwrite(bot, OverwriteType.MEMBER, deny=deny))
    await home.env.settle()


async def test_a_missed_post_becomes_a_card(home: Home) -> None:
    await home.says(home.anna, PLAIN)
    miss(home, home.ben, FRAMING)
    await catch_up(home)
    assert len(home.cards()) == 1


async def test_a_missed_post_of_an_exempt_role_is_left_alone(home: Home) -> None:
    role = home.guild.create_role("Press")
    reporter = home.guild.add_member(home.env.create_user("rita"), roles=[role])
    await home.moderator.slash(home.mods, "exempt add", role=role)
    miss(home, reporter, FRAMING)
    await catch_up(home)
    assert not home.cards()
    status = await home.moderator.slash(home.mods, "status")
    values = {f.name: f.value for f in said(status).embeds[0].fields}
    assert values["Not screened"] == "1 from exempt roles"


async def test_members_are_asked_for_once_and_those_who_left_have_no_roles(home: Home) -> None:
    role = home.guild.create_role("Press")
    await home.moderator.slash(home.mods, "exempt add", role=role)
    gone = home.guild.add_member(home.env.create_user("gone"))
    for author in (home.anna, home.anna, gone):
        miss(home, author, PLAIN)
    home.env.backend.remove_member(home.guild.id, gone.id)
    history = DiscordHistory(home.application.client)
    before = len(home.env.http_requests)
    posts = [p async for p in history.after(home.general.id, 0, with_roles=True)]
    asked = [r.path for r in home.env.http_requests[before:] if "/members/" in r.path]
    assert len(posts) == 3
    assert len(asked) == 2
    assert posts[2].author.role_ids == frozenset()


async def test_a_thread_archived_while_the_bot_was_away_is_read(home: Home) -> None:
    with home.env._bot_scope():
        thread = await general(home).create_thread(name="aside", type=discord.ChannelType.public_thread)
        miss(home, home.anna, FRAMING, thread.id)
        await thread.edit(archived=True)
    await home.env.settle()
    assert home.application.client.get_channel(thread.id) is None
    await catch_up(home)
    assert len(home.cards()) == 1


async def test_a_channel_without_read_message_history_is_held_and_not_skipped(home: Home) -> None:
    await allow_history(home, False)
    miss(home, home.ben, FRAMING)
    await catch_up(home)
    mark = await home.stores.watermarks.get(home.general.id)
    await home.says(home.anna, PLAIN)
    assert await home.stores.watermarks.get(home.general.id) == mark
    await allow_history(home, True)
    await catch_up(home)
    assert len(home.cards()) == 1


async def test_a_channel_that_cannot_be_read_is_told_from_one_that_is_gone(home: Home) -> None:
    message_id = miss(home, home.ben, FRAMING)
    await allow_history(home, False)
    history = DiscordHistory(home.application.client)
    watched = frozenset({home.general.id})
    assert await history.channels(home.guild.id, watched) == [ChannelRef(home.general.id)]
    with pytest.raises(UnreadableError, match="Read Message History"):
        await history.message(home.general.id, message_id, with_roles=False)
    with pytest.raises(UnreadableError):
        await history.archived(home.general.id, home.env.now())
    with pytest.raises(UnreadableError):
        await anext(history.after(home.general.id, 0, with_roles=False))
    assert await history.before(home.general.id, message_id, 5) == []
    assert await history.parent(home.general.id, message_id) is None
    assert await history.message(999, message_id, with_roles=False) is None
    assert [p async for p in history.after(999, 0, with_roles=False)] == []


async def test_access_lost_while_a_channel_is_read_is_not_its_end(home: Home) -> None:
    miss(home, home.anna, PLAIN)
    miss(home, home.ben, FRAMING)
    reading = DiscordHistory(home.application.client).after(home.general.id, 0, with_roles=False)
    assert (await anext(reading)).text == PLAIN
    await allow_history(home, False)
    assert (await anext(reading)).text == FRAMING
    with pytest.raises(UnreadableError):
        await anext(reading)


async def test_passing_trouble_is_no_empty_answer(home: Home) -> None:
    message = await home.says(home.anna, PLAIN)
    history = DiscordHistory(home.application.client)
    home.env.inject_error("GET", "/channels/*/messages*", status=400, times=None)
    with pytest.raises(discord.HTTPException):
        await history.before(home.general.id, message.id, 5)
    with pytest.raises(discord.HTTPException):
        await history.parent(home.general.id, message.id)


async def test_a_summary_waits_for_trouble_to_pass(home: Home) -> None:
    first = await home.says(home.anna, PLAIN)
    home.env.inject_error("GET", "/channels/*/messages*", status=400)
    await home.says(home.ben, FRAMING, reply_to=first)
    assert not home.cards()
    await home.env.advance_time(60)
    await home.done()
    fields = {f.name: f.value for f in home.cards()[0].embeds[0].fields}
    assert "ceasefire talks" in (fields["In answer to"] or "")
    assert "ceasefire talks" in (fields["Just before"] or "")


async def test_previews_of_links_are_not_the_authors_words(home: Home) -> None:
    own = {"type": "rich", "title": "Mine", "fields": [{"name": "a", "value": "b", "inline": False}]}
    preview = {"type": "rich", "title": "A post elsewhere", "url": "https://example.org/1"}
    found = home.env.backend.create_message(
        home.general.id, home.anna.id, "look", embeds=[own, preview], broadcast=False
    )
    message = await general(home).fetch_message(found.id)
    assert text_of(message) == "look\nMine\na\nb"
