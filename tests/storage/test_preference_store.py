"""Preferences: the port's suite."""

from __future__ import annotations

import json
from datetime import timedelta

from bot.domain.preferences import Preferences
from bot.domain.schedule import DigestSchedule
from bot.ports import Stores
from bot.storage.codecs import preferences_from, preferences_text
from classifiers.contract import Sensitivity
from tests.factories import GUILD, NOW, preferences


async def test_a_server_never_seen_has_the_defaults(stores: Stores) -> None:
    assert await stores.preferences.get(GUILD) == Preferences(GUILD)
    assert await stores.preferences.all() == []


def test_choices_saved_before_a_choice_existed_get_its_default() -> None:
    saved = json.loads(preferences_text(preferences()))
    del saved["digest_changed_at"]
    assert preferences_from(GUILD, json.dumps(saved)) == preferences()


async def test_every_choice_comes_back_as_saved(stores: Stores) -> None:
    chosen = Preferences(
        guild_id=GUILD,
        watched_channel_ids=frozenset({1, 2}),
        mod_channel_id=3,
        sensitivity=Sensitivity.HIGH,
        is_dry_run=False,
        exempt_role_ids=frozenset({4}),
        exempt_channel_ids=frozenset({5}),
        alert_budget=6,
        group_minutes=7,
        ping_role_id=8,
        is_delete_offered=True,
        retention_days=9,
        digest_changed_at=NOW,
        watched_since={1: NOW, 2: NOW + timedelta(days=1)},
        watching_since=NOW + timedelta(microseconds=1),
        digest=DigestSchedule(weekday=6, hour=23, zone="Europe/Berlin"),
    )
    await stores.preferences.save(chosen)
    assert await stores.preferences.get(GUILD) == chosen
    assert stores.preferences.known(GUILD) == chosen
    assert await stores.preferences.all() == [chosen]


async def test_a_later_choice_replaces_the_earlier(stores: Stores) -> None:
    await stores.preferences.save(preferences(alert_budget=1))
    assert (await stores.preferences.get(GUILD)).alert_budget == 1
    await stores.preferences.save(preferences(alert_budget=2))
    assert (await stores.preferences.get(GUILD)).alert_budget == 2
    assert [p.alert_budget for p in await stores.preferences.all()] == [2]


async def test_servers_do_not_mix(stores: Stores) -> None:
    await stores.preferences.save(preferences(guild_id=2, alert_budget=2))
    await stores.preferences.save(preferences(guild_id=1, alert_budget=1))
    assert [(p.guild_id, p.alert_budget) for p in await stores.preferences.all()] == [(1, 1), (2, 2)]
