"""The moderators' channel: a channel or a thread, with or without every permission, and who it pings."""

from __future__ import annotations

from dataclasses import replace

import discord
import pytest
import simcord

from bot.domain.cases import Case, Ruling
from bot.domain.preferences import Preferences
from bot.ports import ModChannelError
from bot.ui import wording
from bot.ui.mod_channel import DiscordModChannel
from tests.discord.conftest import FRAMING, Home, said
from tests.factories import a_case

POSTING = discord.PermissionOverwrite(view_channel=True, send_messages=True, embed_links=True)


def a_channel(home: Home, **denied: bool) -> simcord.ChannelHandle:
    """Make a moderators' channel in which the bot lacks something."""
    me = home.guild.me
    assert me is not None
    return home.guild.create_text_channel("desk", overwrites={me: discord.PermissionOverwrite(**denied)})


async def a_thread(home: Home, parent: simcord.ChannelHandle) -> discord.Thread:
    channel = home.application.client.get_channel(parent.id)
    assert isinstance(channel, discord.TextChannel)
    with home.env._bot_scope():
        return await channel.create_thread(name="cases", type=discord.ChannelType.public_thread)


async def choose(home: Home, **changes: object) -> Preferences:
    chosen = await home.stores.preferences.get(home.guild.id)
    changed = replace(chosen, **changes)  # type: ignore[arg-type]
    await home.stores.preferences.save(changed)
    return changed


async def test_the_digest_comes_without_its_chart_where_files_may_not_be_attached(home: Home) -> None:
    channel = a_channel(home, attach_files=False)
    await home.moderator.slash(channel, "report-here")
    await home.says(home.anna, FRAMING)
    now = home.env.now()
    await home.stores.outbox.add_digest(
        home.guild.id, now.replace(year=now.year - 1), now.replace(year=now.year + 1)
    )
    await home.done()
    digest = channel.history()[-1]
    assert digest.embeds[0].title == "This week's flags"
    assert not digest.attachments and digest.embeds[0].image.url is None
    assert any(f.value == wording.NO_CHART for f in digest.embeds[0].fields)


async def test_a_thread_is_asked_for_the_right_to_post_in_threads(home: Home) -> None:
    thread = await a_thread(home, a_channel(home, send_messages_in_threads=False))
    chosen = await choose(home, mod_channel_id=thread.id)
    with home.env._bot_scope(), pytest.raises(ModChannelError, match="Send Messages In Threads"):
        await DiscordModChannel(home.application.client).post_case(a_case(), chosen, "n")


async def test_a_thread_needs_no_right_to_post_beside_it(home: Home) -> None:
    parent = a_channel(home, send_messages=False)
    thread = await a_thread(home, parent)
    await choose(home, mod_channel_id=thread.id)
    await home.says(home.anna, FRAMING)
    assert [m for m in parent.threads[0].history() if m.embeds]


async def test_cards_go_on_in_an_archived_thread(home: Home) -> None:
    thread = await a_thread(home, home.mods)
    await choose(home, mod_channel_id=thread.id)
    await home.says(home.anna, FRAMING)
    with home.env._bot_scope():
        await thread.edit(archived=True)
    await home.application.review.rule(home.guild.id, 1, Ruling.UPHELD, home.moderator.id, "")
    await home.done()
    (card,) = [m for m in home.mods.threads[0].history() if m.embeds]
    assert any(f.name == "Rulings" for f in card.embeds[0].fields)
    assert await home.stores.outbox.pending(home.guild.id) == 0


async def test_an_edit_waits_while_the_channel_cannot_be_seen(home: Home) -> None:
    hidden = a_channel(home, view_channel=False)
    case = replace(a_case(), guild_id=home.guild.id, card_channel_id=hidden.id, card_message_id=5)
    chosen = await home.stores.preferences.get(home.guild.id)
    with home.env._bot_scope(), pytest.raises(ModChannelError, match="View Channel"):
        await DiscordModChannel(home.application.client).edit_case(case, chosen)


async def test_a_card_waits_while_no_channel_is_chosen(home: Home) -> None:
    await choose(home, mod_channel_id=0)
    await home.says(home.anna, FRAMING)
    assert await home.stores.outbox.pending(home.guild.id) == 1
    await home.moderator.slash(home.mods, "report-here")
    await home.env.advance_time(60)
    await home.done()
    assert len(home.cards()) == 1


async def test_a_server_that_was_left_is_told_apart(home: Home) -> None:
    case: Case = replace(a_case(), guild_id=404)
    with pytest.raises(ModChannelError, match="not in it any more"):
        await DiscordModChannel(home.application.client).post_case(
            case, Preferences(404, mod_channel_id=7), "n"
        )


async def test_new_cards_ping_the_chosen_role_and_changes_do_not(home: Home) -> None:
    role = home.guild.create_role("On duty", mentionable=True)
    shown = await home.moderator.slash(home.mods, "options", ping=role)
    assert role.mention in said(shown).content
    await home.says(home.anna, FRAMING)
    (card,) = home.cards()
    assert [r.id for r in card.role_mentions] == [role.id]
    sent = len(home.mods.history())
    await home.application.review.rule(home.guild.id, 1, Ruling.UPHELD, home.moderator.id, "")
    await home.done()
    assert len(home.mods.history()) == sent
    await home.moderator.slash(home.mods, "options", ping_nobody=True)
    assert (await home.stores.preferences.get(home.guild.id)).ping_role_id == 0
