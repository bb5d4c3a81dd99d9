"""What is looked at, and what comes of it."""

from __future__ import annotations

import discord

from bot.domain.cases import CaseState
from tests.discord.conftest import FRAMING, PLAIN, Home, said


async def test_a_framing_becomes_a_card_and_a_plain_message_does_not(home: Home) -> None:
    await home.says(home.anna, PLAIN)
    message = await home.says(home.ben, FRAMING)
    (card,) = home.cards()
    embed = card.embeds[0]
    assert embed.title == "Case 1 · Possible whataboutism"
    assert embed.url == message.jump_url
    assert "**" in (embed.description or "")


async def test_the_card_shows_what_the_message_answers_and_what_came_before(home: Home) -> None:
    first = await home.says(home.anna, PLAIN)
    await home.says(home.ben, FRAMING, reply_to=first)
    fields = {f.name: f.value for f in home.cards()[0].embeds[0].fields}
    assert "ceasefire talks" in (fields["In answer to"] or "")
    assert "ceasefire talks" in (fields["Just before"] or "")


async def test_an_edit_that_evades_is_caught_with_both_versions(home: Home) -> None:
    message = await home.says(home.anna, "good morning all")
    assert not home.cards()
    await home.anna.edit(message, FRAMING)
    await home.done()
    fields = {f.name: f.value for f in home.cards()[0].embeds[0].fields}
    assert "good morning" in (fields["Edited"] or "") and "Iraq" in (fields["Edited"] or "")


async def test_an_edit_of_a_message_that_is_not_cached_is_screened_too(home: Home) -> None:
    message = await home.says(home.anna, "good morning all")
    home.application.client._connection._messages.clear()
    await home.anna.edit(message, FRAMING)
    await home.done()
    assert len(home.cards()) == 1


async def test_a_card_is_edited_in_place_when_its_message_is_edited_away(home: Home) -> None:
    message = await home.says(home.anna, FRAMING)
    await home.anna.edit(message, "never mind")
    await home.done()
    (card,) = home.cards()
    assert any(f.name == "Edited" for f in card.embeds[0].fields)


async def test_a_deleted_message_stays_a_case_and_says_so(home: Home) -> None:
    message = await home.says(home.anna, FRAMING)
    await home.anna.delete(message)
    await home.done()
    (card,) = home.cards()
    assert "deleted" in (card.embeds[0].description or "")
    case = await home.stores.cases.get(home.guild.id, 1)
    assert case.state is CaseState.OPEN


async def test_copies_by_several_accounts_are_one_card_with_a_count(home: Home) -> None:
    await home.says(home.anna, FRAMING)
    await home.says(home.ben, FRAMING)
    (card,) = home.cards()
    assert any(f.name == "Grouped with it (1)" for f in card.embeds[0].fields)


async def test_a_thread_in_a_watched_channel_is_watched(home: Home) -> None:
    general = home.application.client.get_channel(home.general.id)
    assert isinstance(general, discord.TextChannel)
    with home.env._bot_scope():
        await general.create_thread(name="side talk", type=discord.ChannelType.public_thread)
    await home.anna.send(home.general.threads[0], FRAMING)
    await home.done()
    assert len(home.cards()) == 1


async def test_other_channels_are_left_alone(home: Home) -> None:
    elsewhere = home.guild.create_text_channel("elsewhere")
    await home.anna.send(elsewhere, FRAMING)
    await home.done()
    assert not home.cards()


async def test_an_exempt_role_is_left_alone_and_counted(home: Home) -> None:
    role = home.guild.create_role("Press")
    reporter = home.guild.add_member(home.env.create_user("rita"), roles=[role])
    await home.moderator.slash(home.mods, "exempt add", role=role)
    await home.says(reporter, FRAMING)
    assert not home.cards()
    status = await home.moderator.slash(home.mods, "status")
    values = {f.name: f.value for f in said(status).embeds[0].fields}
    assert values["Not screened"] == "1 from exempt roles"


async def test_an_exempt_channel_is_left_alone_and_looked_at_again(home: Home) -> None:
    await home.moderator.slash(home.mods, "exempt channel-add", channel=home.general)
    await home.says(home.ben, FRAMING)
    assert not home.cards()
    await home.moderator.slash(home.mods, "exempt channel-remove", channel=home.general)
    await home.says(home.ben, FRAMING)
    assert len(home.cards()) == 1


async def test_webhooks_and_empty_messages_are_skipped(home: Home) -> None:
    hook = home.guild.create_webhook(home.general)
    await hook.send(FRAMING)
    await home.says(home.anna, "", attachments=[("photo.png", b"x")])
    assert not home.cards()


async def test_dry_run_stores_cases_and_posts_nothing(home: Home) -> None:
    await home.moderator.slash(home.mods, "dry-run", state="on")
    await home.says(home.anna, FRAMING)
    assert not home.cards()
    shown = await home.moderator.slash(home.mods, "cases")
    assert shown.ephemeral
    assert said(shown).embeds[0].title == "1 open case"


async def test_no_card_pings_anybody(home: Home) -> None:
    nasty = f"@everyone <@{home.moderator.id}> {FRAMING}"
    home.scores[nasty] = 0.9
    await home.says(home.anna, nasty)
    (card,) = home.cards()
    assert not card.mention_everyone and not card.mentions and not card.role_mentions
