"""Rulings: by people, with a reason, also after a restart."""

from __future__ import annotations

from dataclasses import replace

import pytest
import simcord

from bot.app import build_application
from bot.domain.cases import CaseState, Ruling
from bot.ui import wording
from config.schema import Settings
from tests.discord.conftest import FRAMING, PLAIN, Home, SimulatedClock, said


async def rule(home: Home, label: str, reason: str = "") -> simcord.InteractionResult:
    shown = await home.moderator.click(home.cards()[0], label=label)
    assert shown.modal is not None
    custom_id = shown.modal["components"][0]["components"][0]["custom_id"]
    result = await home.moderator.submit_modal(shown, {custom_id: reason} if reason else {})
    await home.done()
    return result


async def test_upholding_asks_for_a_reason_and_changes_the_card(home: Home) -> None:
    await home.says(home.anna, FRAMING)
    result = await rule(home, "Uphold", "it answers nothing")
    assert result.ephemeral
    assert said(result).content.startswith("Case 1 is upheld.")
    (card,) = home.cards()
    rulings = next(f.value for f in card.embeds[0].fields if f.name == "Rulings")
    assert "it answers nothing" in (rulings or "")


async def test_a_ruling_can_be_revised_and_the_history_stays(home: Home) -> None:
    await home.says(home.anna, FRAMING)
    await rule(home, "Uphold")
    await rule(home, "Dismiss", "on second thought, no")
    case = await home.stores.cases.get(home.guild.id, 1)
    assert case.state is CaseState.DISMISSED
    assert len(case.verdicts) == 2


async def test_a_second_opinion_keeps_the_case_open(home: Home) -> None:
    await home.says(home.anna, FRAMING)
    await rule(home, "Need a second opinion")
    case = await home.stores.cases.get(home.guild.id, 1)
    assert case.is_open
    assert "Somebody else should rule" in str(home.cards()[0].embeds[0].to_dict())


async def test_a_second_opinion_on_a_case_ruled_meanwhile_says_so(home: Home) -> None:
    await home.says(home.anna, FRAMING)
    shown = await home.moderator.click(home.cards()[0], label="Need a second opinion")
    await home.application.review.rule(home.guild.id, 1, Ruling.UPHELD, home.ben.id, "")
    result = await home.moderator.submit_modal(shown, {})
    assert "stays open" not in said(result).content
    assert "meanwhile case 1 was upheld" in said(result).content


async def test_a_member_without_the_permission_is_refused(home: Home) -> None:
    await home.says(home.anna, FRAMING)
    refused = await home.ben.click(home.cards()[0], label="Uphold")
    assert refused.modal is None
    assert refused.ephemeral
    assert said(refused).content == wording.NOT_ALLOWED
    assert (await home.stores.cases.get(home.guild.id, 1)).is_open


async def test_more_context_is_shown_to_who_asks(home: Home) -> None:
    await home.says(home.anna, PLAIN)
    await home.says(home.ben, FRAMING)
    shown = await home.moderator.click(home.cards()[0], label="More context")
    assert shown.ephemeral
    assert "ceasefire talks" in (said(shown).embeds[0].description or "")


async def test_earlier_rulings_on_an_authors_posts_are_counted(home: Home) -> None:
    await home.says(home.anna, FRAMING)
    await rule(home, "Uphold")
    await home.env.advance_time(3600)
    other = "and what about Yemen? silence"
    home.scores[other] = 0.9
    await home.says(home.anna, other)
    fields = {f.name: f.value for f in home.cards()[-1].embeds[0].fields}
    assert fields["Earlier rulings on posts by this author here"] == "1 upheld, 0 dismissed"


async def test_buttons_work_after_a_restart(home: Home) -> None:
    await home.says(home.anna, FRAMING)
    clock = SimulatedClock()
    clock.env = home.env
    again = build_application(Settings(), classifier=home.classifier, stores=home.stores, clock=clock)
    await home.env.restart_bot(again.client)
    async with again.running():
        shown = await home.moderator.click(home.cards()[0], label="Uphold")
        assert shown.modal is not None
        await home.moderator.submit_modal(shown, {})
        await again.drain()
    assert (await home.stores.cases.get(home.guild.id, 1)).state is CaseState.UPHELD


async def test_what_was_said_while_the_bot_was_away_is_caught_up(home: Home) -> None:
    await home.says(home.anna, PLAIN)
    clock = SimulatedClock()
    clock.env = home.env
    again = build_application(Settings(), classifier=home.classifier, stores=home.stores, clock=clock)
    backend = home.env.backend
    home.env.backend.subscribers.clear()
    backend.create_message(home.general.id, home.ben.id, FRAMING)
    await home.env.restart_bot(again.client)
    async with again.running():
        await again.catch_up.run_once()
        await again.drain()
    assert len(home.cards()) == 1


async def test_deleting_is_offered_only_where_it_is_switched_on(home: Home) -> None:
    await home.says(home.anna, FRAMING)
    labels = [b.label for row in home.cards()[0].components for b in row.children]  # type: ignore[union-attr]
    assert labels == ["Uphold", "Dismiss", "Need a second opinion", "More context"]


async def test_a_number_of_no_case_gets_a_plain_answer(home: Home) -> None:
    shown = await home.moderator.slash(home.mods, "case", number=42)
    assert said(shown).content == wording.NO_SUCH_CASE
    home.expected_errors = 1


async def switch_deleting_on(home: Home) -> None:
    chosen = await home.stores.preferences.get(home.guild.id)
    await home.stores.preferences.save(replace(chosen, is_delete_offered=True))


async def test_a_moderator_may_delete_where_it_is_switched_on(home: Home) -> None:
    await switch_deleting_on(home)
    message = await home.says(home.anna, FRAMING)
    await rule(home, "Delete message…", "agreed with the author")
    assert message.id not in [m.id for m in home.general.history()]
    case = await home.stores.cases.get(home.guild.id, 1)
    assert case.state is CaseState.UPHELD
    assert case.first.deleted_at is not None


async def test_a_deletion_whose_ruling_fails_is_not_said_to_have_changed_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: object) -> None:
        raise RuntimeError("the disk is full")

    await switch_deleting_on(home)
    message = await home.says(home.anna, FRAMING)
    shown = await home.moderator.click(home.cards()[0], label="Delete message…")
    monkeypatch.setattr(home.application.review, "rule", failing)
    result = await home.moderator.submit_modal(shown, {})
    assert message.id not in [m.id for m in home.general.history()]
    assert said(result).content == wording.DELETED_NOT_RULED


async def test_a_message_already_gone_is_said_to_be_gone(home: Home) -> None:
    await switch_deleting_on(home)
    message = await home.says(home.anna, FRAMING)
    shown = await home.moderator.click(home.cards()[0], label="Delete message…")
    await home.anna.delete(message)
    result = await home.moderator.submit_modal(shown, {})
    assert said(result).content == "The message was already gone."


async def test_a_case_can_be_shown_in_full_in_dry_run(home: Home) -> None:
    await home.moderator.slash(home.mods, "dry-run", state="on")
    await home.says(home.anna, PLAIN)
    await home.says(home.ben, FRAMING)
    shown = await home.moderator.slash(home.mods, "case", number=1)
    assert shown.ephemeral
    assert any(f.name == "Just before" for f in said(shown).embeds[0].fields)
