"""How far a channel was handled without a gap."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.watermarks import Watermarks

CHANNEL = 1


def test_nothing_started_means_no_watermark() -> None:
    assert Watermarks().done(CHANNEL, 5) == 0


def test_a_message_in_flight_holds_the_mark_before_it() -> None:
    marks = Watermarks()
    for message_id in (10, 11, 12):
        marks.start(CHANNEL, message_id)
    assert marks.done(CHANNEL, 12) == 9
    assert marks.done(CHANNEL, 10) == 10
    assert marks.done(CHANNEL, 11) == 12


def test_channels_do_not_hold_each_other() -> None:
    marks = Watermarks()
    marks.start(1, 10)
    marks.start(2, 20)
    assert marks.done(2, 20) == 20


def test_a_hold_is_not_mistaken_for_the_message_right_behind_it() -> None:
    marks = Watermarks()
    for message_id in (9, 10, 11):
        marks.start(CHANNEL, message_id)
    assert marks.done(CHANNEL, 9) == 9
    assert marks.hold(CHANNEL, 9) == 9
    assert marks.done(CHANNEL, 11) == 9
    assert marks.release(CHANNEL) == 9, "10 is still in flight"
    assert marks.done(CHANNEL, 10) == 11


def test_a_message_left_keeps_the_mark_before_it_until_a_hold_takes_over() -> None:
    marks = Watermarks()
    for message_id in (9, 10, 11):
        marks.start(CHANNEL, message_id)
    marks.leave(CHANNEL, 10)
    marks.leave(CHANNEL, 11)
    assert marks.done(CHANNEL, 9) == 9
    assert marks.hold(CHANNEL, 9) == 9
    marks.start(CHANNEL, 10)
    assert marks.move_hold(CHANNEL, 11) == 9
    assert marks.release(CHANNEL) == 9
    assert marks.done(CHANNEL, 10) == 11


def test_a_hold_reaches_back_to_the_first_message_left() -> None:
    marks = Watermarks()
    marks.leave(CHANNEL, 10)
    assert marks.hold(CHANNEL, 30) == 9
    assert marks.hold(CHANNEL, 0) == 0, "nothing was left since"


def test_a_message_left_again_during_a_hold_outlives_it() -> None:
    marks = Watermarks()
    marks.hold(CHANNEL, 9)
    marks.leave(CHANNEL, 10)
    assert marks.move_hold(CHANNEL, 12) == 9
    assert marks.release(CHANNEL) == 9


def test_a_released_hold_leaves_the_mark_where_it_was_moved_to() -> None:
    marks = Watermarks()
    marks.hold(CHANNEL, 9)
    assert marks.move_hold(CHANNEL, 20) == 20
    assert marks.release(CHANNEL) == 20


def test_a_channel_forgotten_is_held_by_nothing() -> None:
    marks = Watermarks()
    marks.hold(CHANNEL, 5)
    marks.leave(CHANNEL, 8)
    marks.forget(CHANNEL)
    assert marks.complete(CHANNEL) == 8


@given(st.data(), st.sets(st.integers(min_value=1, max_value=60), min_size=1))
def test_the_mark_never_passes_what_is_in_flight_and_never_falls(
    draw: st.DataObject, messages: set[int]
) -> None:
    marks = Watermarks()
    started = sorted(messages)
    for message_id in started:
        marks.start(CHANNEL, message_id)
    waiting, last = set(started), 0
    for message_id in draw.draw(st.permutations(started)):
        waiting.discard(message_id)
        mark = marks.done(CHANNEL, message_id)
        assert all(mark < other for other in waiting)
        assert all(done > mark for done in waiting)
        assert mark >= last
        last = mark
    assert last == started[-1]


@given(st.lists(st.tuples(st.booleans(), st.integers(min_value=1, max_value=9)), max_size=40))
def test_any_order_of_starting_and_finishing_leaves_no_gap_behind(steps: list[tuple[bool, int]]) -> None:
    marks, flying, seen = Watermarks(), set[int](), 0
    for is_start, message_id in steps:
        if is_start:
            marks.start(CHANNEL, message_id)
            flying.add(message_id)
            seen = max(seen, message_id)
            continue
        flying.discard(message_id)
        mark = marks.done(CHANNEL, message_id)
        assert mark == (min(flying) - 1 if flying else seen)
