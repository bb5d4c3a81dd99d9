"""Questions moderators ask: check, cases, status, digest, setup."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import discord

from bot.client import EvenhandClient
from bot.domain.cases import Ruling
from bot.ui import wording
from classifiers.contract import ClassifierError
from tests.discord.conftest import FRAMING, PLAIN, Home, said


async def test_checking_a_text_shows_its_evidence_and_stores_nothing(home: Home) -> None:
    shown = await home.moderator.slash(home.mods, "check", text=FRAMING)
    embed = said(shown).embeds[0]
    assert shown.ephemeral
    assert embed.title == "Possible whataboutism"
    assert not home.cards()
    assert (await home.stores.cases.queue(home.guild.id))[1] == 0


async def test_a_plain_text_has_nothing_to_flag(home: Home) -> None:
    shown = await home.moderator.slash(home.mods, "check", text=PLAIN)
    assert said(shown).embeds[0].title == "Nothing to flag"


async def test_a_message_can_be_checked_from_its_menu(home: Home) -> None:
    elsewhere = home.guild.create_text_channel("elsewhere")
    message = await home.anna.send(elsewhere, FRAMING)
    shown = await home.moderator.context_menu(elsewhere, "Check this message", message)
    assert said(shown).embeds[0].title == "Possible whataboutism"


async def test_a_model_that_cannot_answer_is_said_in_one_line(home: Home) -> None:
    home.classifier.error = ClassifierError("gone")
    shown = await home.moderator.slash(home.mods, "check", text=FRAMING)
    assert said(shown).content == "The model cannot answer right now. Please try again in a moment."
    home.expected_errors = 1


async def test_the_queue_turns_its_pages_in_place(home: Home) -> None:
    for number in range(10):
        text = f"framing {number}"
        home.scores[text] = 0.9
        author = home.guild.add_member(home.env.create_user(f"member{number}"))
        await home.says(author, text)
    shown = await home.moderator.slash(home.mods, "cases")
    page = said(shown)
    assert page.embeds[0].footer.text == "Page 1 of 2"
    await home.moderator.click(page, label="Later ▶")
    assert page.embeds[0].footer.text == "Page 2 of 2"


async def test_a_page_that_went_stale_shows_the_last_one(home: Home) -> None:
    for number in range(9):
        text = f"framing {number}"
        home.scores[text] = 0.9
        author = home.guild.add_member(home.env.create_user(f"member{number}"))
        await home.says(author, text)
    page = said(await home.moderator.slash(home.mods, "cases"))
    for number in range(1, 5):
        await home.application.review.rule(home.guild.id, number, Ruling.DISMISSED, home.moderator.id, "")
    await home.moderator.click(page, label="Later ▶")
    assert page.embeds[0].title == "5 open cases"
    assert page.embeds[0].footer.text == "Page 1 of 1"


async def test_the_status_tells_when_something_was_last_screened(home: Home) -> None:
    await home.says(home.anna, PLAIN)
    await home.env.advance_time(3 * 86400)
    shown = await home.moderator.slash(home.mods, "status")
    values = {f.name: f.value or "" for f in said(shown).embeds[0].fields}
    assert values["Screened in 24 hours"] == "0 of 0"
    assert values["Last screened"].startswith("<t:")


async def test_the_status_counts_what_was_screened(home: Home) -> None:
    await home.says(home.anna, PLAIN)
    await home.says(home.ben, FRAMING)
    shown = await home.moderator.slash(home.mods, "status")
    values = {f.name: f.value for f in said(shown).embeds[0].fields}
    assert values["Screened in 24 hours"] == "2 of 2 (100%)"
    assert values["Flagged in 24 hours"] == "1"


async def test_the_digest_is_shown_with_a_chart(home: Home) -> None:
    await home.says(home.ben, FRAMING)
    shown = await home.moderator.slash(home.mods, "digest now")
    answer = said(shown)
    assert answer.embeds[0].title == "This week's flags"
    assert [a.filename for a in answer.attachments] == ["digest.png"]


async def test_the_weekly_digest_comes_when_it_is_due_and_once(home: Home) -> None:
    await home.says(home.ben, FRAMING)
    await home.moderator.slash(home.mods, "digest-time", weekday="Monday", hour=9, zone="Europe/Berlin")
    await home.env.advance_time(8 * 86400)
    assert await home.application.scheduler.queue_due() == 1
    assert await home.application.scheduler.queue_due() == 0
    await home.done()
    assert len([m for m in home.mods.history() if m.embeds and m.embeds[0].title == "This week's flags"]) == 1


async def test_a_new_digest_time_brings_no_digest_of_a_moment_before_it(home: Home) -> None:
    await home.env.advance_time(9 * 86400)
    day = (home.env.now() - timedelta(days=1)).strftime("%A")
    await home.moderator.slash(home.mods, "digest-time", weekday=day, hour=9, zone="UTC")
    assert await home.application.scheduler.queue_due() == 0
    await home.env.advance_time(7 * 86400)
    assert await home.application.scheduler.queue_due() == 1


async def test_a_time_zone_that_is_not_known_changes_nothing(home: Home) -> None:
    shown = await home.moderator.slash(
        home.mods, "digest-time", weekday="Monday", hour=9, zone="Mars/Olympus"
    )
    assert "do not know that time zone" in said(shown).content


async def test_time_zones_are_suggested_while_typing(home: Home) -> None:
    found = await home.moderator.autocomplete(home.mods, "digest-time", "zone", "berl")
    assert {"name": "Europe/Berlin", "value": "Europe/Berlin"} in found


async def test_setting_up_says_what_is_missing(home: Home) -> None:
    hidden = home.guild.create_text_channel("public-square")
    shown = await home.moderator.slash(hidden, "report-here")
    assert "Everybody can read this channel" in said(shown).content


async def test_commands_are_for_those_who_may_manage_messages(home: Home) -> None:
    assert "check" not in home.anna.available_commands(home.general)
    assert "check" in home.moderator.available_commands(home.general)


async def test_dry_run_goes_on_until_there_is_a_channel_to_post_in(home: Home) -> None:
    chosen = await home.stores.preferences.get(home.guild.id)
    await home.stores.preferences.save(replace(chosen, mod_channel_id=0, is_dry_run=True))
    shown = await home.moderator.slash(home.mods, "dry-run", state="off")
    assert said(shown).content == wording.NO_MOD_CHANNEL
    assert (await home.stores.preferences.get(home.guild.id)).is_dry_run


async def test_options_are_changed_one_by_one_and_shown(home: Home) -> None:
    await home.moderator.slash(home.mods, "options", cards=5, retention=7)
    shown = await home.moderator.slash(home.mods, "options", grouping=0, delete_button="on")
    values = {f.name: f.value or "" for f in said(shown).embeds[0].fields}
    assert values["New cards"].startswith("at most 5 an hour")
    assert values["Words are kept for"] == "7 days"
    assert values["One member's messages share a card for"].startswith("never")
    assert values["Delete button"] == "on"
    listed = await home.moderator.slash(home.mods, "watch list")
    assert {f.name: f.value for f in said(listed).embeds[0].fields} == values


async def test_the_delete_button_needs_the_bots_own_right(home: Home) -> None:
    me = home.guild.me
    assert me is not None
    denied = {me: discord.PermissionOverwrite(manage_messages=False)}
    locked = home.guild.create_text_channel("locked", overwrites=denied)
    await home.moderator.slash(home.mods, "watch remove", channel=home.general)
    await home.moderator.slash(home.mods, "watch add", channel=locked)
    shown = await home.moderator.slash(home.mods, "options", delete_button="on")
    assert "stays off" in said(shown).content
    assert not (await home.stores.preferences.get(home.guild.id)).is_delete_offered
    await home.moderator.slash(home.mods, "watch add", channel=home.general)
    shown = await home.moderator.slash(home.mods, "options", delete_button="on")
    assert locked.mention in said(shown).content
    assert (await home.stores.preferences.get(home.guild.id)).is_delete_offered


async def test_everybody_at_once_cannot_be_chosen_for_pings(home: Home) -> None:
    shown = await home.moderator.slash(home.mods, "options", ping=home.guild.default_role)
    assert "not reached" in said(shown).content
    assert (await home.stores.preferences.get(home.guild.id)).ping_role_id == 0


async def test_the_content_intent_can_be_left_out() -> None:
    asked = EvenhandClient(message_content=False).intents
    assert asked.guild_messages and not asked.message_content


async def test_no_intent_is_asked_for_beyond_what_is_used(home: Home) -> None:
    chosen = home.application.client.intents
    assert {name for name, is_on in chosen if is_on} == {
        "guilds", "guild_messages", "message_content", "auto_moderation_execution",
    }  # fmt: skip
