"""Who may do what: one right for every command and button, and nobody reads more than Discord shows them."""

from __future__ import annotations

import discord
import pytest
import simcord

from bot.ui import wording
from tests.discord.conftest import FRAMING, PLAIN, Home, said

READ = discord.PermissionOverwrite(view_channel=True, read_message_history=True, send_messages=True)
HIDDEN = discord.PermissionOverwrite(view_channel=False)


async def open_to_everybody(home: Home) -> None:
    """Let a member use every command, as a server's administrators can under Integrations."""
    for command in await home.application.client.tree.fetch_commands():
        home.guild.set_command_permissions(command, {home.anna: True})


def a_secret_channel(home: Home) -> simcord.ChannelHandle:
    me = home.guild.me
    assert me is not None
    return home.guild.create_text_channel(
        "inner-circle", overwrites={home.guild.default_role: HIDDEN, me: READ, home.ben: READ}
    )


async def a_secret_case(home: Home) -> None:
    """Let a case come up in a channel that the moderator cannot read."""
    secret = a_secret_channel(home)
    await home.application.watching.watch(home.guild.id, secret.id)
    await home.ben.send(secret, PLAIN)
    await home.ben.send(secret, FRAMING)
    await home.done()


@pytest.mark.parametrize("name", ["cases", "status", "watch list", "digest now", "report-here", "options"])
async def test_a_command_opened_to_others_still_needs_the_right(home: Home, name: str) -> None:
    await open_to_everybody(home)
    refused = await home.anna.slash(home.general, name)
    assert refused.ephemeral
    assert said(refused).content == wording.NOT_ALLOWED
    home.expected_errors = 1


async def test_a_message_menu_opened_to_others_still_needs_the_right(home: Home) -> None:
    await open_to_everybody(home)
    message = await home.says(home.ben, PLAIN)
    refused = await home.anna.context_menu(home.general, "Check this message", message)
    assert said(refused).content == wording.NOT_ALLOWED
    home.expected_errors = 1


async def test_nothing_is_suggested_to_who_may_not_choose(home: Home) -> None:
    await open_to_everybody(home)
    assert await home.anna.autocomplete(home.general, "digest-time", "zone", "berl") == []


async def test_a_case_of_a_channel_one_cannot_read_is_not_shown(home: Home) -> None:
    await a_secret_case(home)
    shown = await home.moderator.slash(home.mods, "case", number=1)
    assert said(shown).content == wording.NOT_READABLE
    assert not said(shown).embeds


async def test_more_context_of_a_channel_one_cannot_read_is_not_shown(home: Home) -> None:
    await a_secret_case(home)
    shown = await home.moderator.click(home.cards()[0], label="More context")
    assert said(shown).content == wording.NOT_READABLE
    assert not said(shown).embeds


async def test_the_queue_leaves_out_words_of_channels_one_cannot_read(home: Home) -> None:
    await a_secret_case(home)
    shown = await home.moderator.slash(home.mods, "cases")
    embed = str(said(shown).embeds[0].to_dict())
    assert "Case 1 · Possible whataboutism" in embed and "cannot read" in embed
    assert "Iraq" not in embed and "discord.com/channels" not in embed


async def test_a_private_thread_is_read_by_its_members_only(home: Home) -> None:
    general = home.application.client.get_channel(home.general.id)
    assert isinstance(general, discord.TextChannel)
    with home.env._bot_scope():
        thread = await general.create_thread(name="aside", type=discord.ChannelType.private_thread)
        await thread.add_user(discord.Object(home.ben.id))
    await home.ben.send(home.general.threads[0], FRAMING)
    await home.done()
    shown = await home.moderator.slash(home.mods, "case", number=1)
    assert said(shown).content == wording.NOT_READABLE
    with home.env._bot_scope():
        await thread.add_user(discord.Object(home.moderator.id))
    shown = await home.moderator.slash(home.mods, "case", number=1)
    assert said(shown).embeds


async def test_a_case_of_an_archived_thread_can_be_read(home: Home) -> None:
    general = home.application.client.get_channel(home.general.id)
    assert isinstance(general, discord.TextChannel)
    with home.env._bot_scope():
        thread = await general.create_thread(name="old talk", type=discord.ChannelType.public_thread)
    await home.anna.send(home.general.threads[0], FRAMING)
    await home.done()
    with home.env._bot_scope():
        await thread.edit(archived=True)
    shown = await home.moderator.slash(home.mods, "case", number=1)
    assert said(shown).embeds


async def test_a_channel_one_cannot_read_cannot_be_put_under_watch(home: Home) -> None:
    no_history = discord.PermissionOverwrite(read_message_history=False)
    secret = home.guild.create_text_channel("lobby", overwrites={home.guild.default_role: no_history})
    refused = await home.moderator.slash(home.mods, "watch add", channel=secret)
    assert said(refused).content == wording.NOT_READABLE
    chosen = await home.application.watching.preferences(home.guild.id)
    assert secret.id not in chosen.watched_channel_ids
