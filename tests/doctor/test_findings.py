"""What stops the start, and what only worries one server."""

from __future__ import annotations

from bot.doctor.findings import fail, ok, stops_the_start, warn


def test_a_clean_bill_stops_nothing() -> None:
    assert not stops_the_start([])
    assert not stops_the_start([ok("token", "fine"), warn("environment", "look"), ok("permissions", "", 1)])


def test_what_concerns_the_bot_itself_stops_the_start() -> None:
    assert stops_the_start([fail("token", "refused"), ok("permissions", "", 1)])


def test_one_server_with_a_lack_does_not_take_the_bot_away_from_the_others() -> None:
    lacking = [fail("permissions", "", 1), ok("permissions", "", 1)]
    assert not stops_the_start([ok("token", "fine"), *lacking, ok("permissions", "", 2)])
    assert stops_the_start([ok("token", "fine"), *lacking])
