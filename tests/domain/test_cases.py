"""Cases, quotes, coverage and digests: what follows from what they hold."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.cases import CaseState, Ruling
from bot.domain.coverage import Coverage
from bot.domain.digests import Digest
from bot.domain.grouping import COPY_WINDOW, case_to_extend
from bot.domain.policy import SkipReason
from bot.domain.quoting import quoted_words
from bot.domain.snowflakes import EPOCH, snowflake
from tests.factories import CHANNEL, GUILD, NOW, a_case, a_post, a_sighting, a_verdict, an_edit, preferences

ALIKE = (1.0, 0.0)
DIFFERENT = (0.0, 1.0)


def test_only_a_ruling_closes_a_case() -> None:
    case = a_case().rule(a_verdict(Ruling.SECOND_OPINION))
    assert case.is_open
    assert case.rule(a_verdict(Ruling.DISMISSED)).state is CaseState.DISMISSED


def test_a_later_ruling_replaces_the_state_and_keeps_the_history() -> None:
    case = a_case().rule(a_verdict(Ruling.UPHELD)).rule(a_verdict(Ruling.DISMISSED))
    assert case.state is CaseState.DISMISSED
    assert [v.ruling for v in case.verdicts] == [Ruling.UPHELD, Ruling.DISMISSED]


def test_asking_for_a_second_opinion_leaves_a_ruling_in_force() -> None:
    case = a_case().rule(a_verdict(Ruling.UPHELD)).rule(a_verdict(Ruling.SECOND_OPINION))
    assert case.state is CaseState.UPHELD


def test_a_case_links_to_the_post_that_opened_it() -> None:
    first = a_sighting().message_id
    assert a_case().url == f"https://discord.com/channels/{GUILD}/{CHANNEL}/{first}"
    assert a_post().url == a_case().url


def test_a_forgotten_sighting_keeps_no_words() -> None:
    forgotten = a_sighting(texts=("a", "b")).forget()
    assert (forgotten.text, forgotten.author_name, forgotten.embedding) == ("", "", ())
    assert all(not e.quote and e.span is None for e in forgotten.flag.evidence)
    assert forgotten.flag.score == a_sighting().flag.score


def test_the_version_follows_the_edit_time() -> None:
    post = a_post()
    assert post.version == 0
    assert 0 < an_edit(post, "b", minutes=1).version < an_edit(post, "c", minutes=2).version


def test_the_same_author_in_the_same_channel_extends_within_the_window() -> None:
    case = a_case()
    chosen = preferences(group_minutes=10)
    near, far = NOW + timedelta(minutes=10), NOW + timedelta(minutes=11)
    assert case_to_extend(a_post(minute=10), (), [case], chosen, near) is case
    assert case_to_extend(a_post(minute=11), (), [case], chosen, far) is None
    assert case_to_extend(a_post(author=41), (), [case], chosen, NOW) is None
    assert case_to_extend(a_post(channel_id=21), (), [case], chosen, NOW) is None


def test_copies_by_other_accounts_extend_for_a_day() -> None:
    case = a_case(sightings=(a_sighting(embedding=ALIKE),))
    copy = a_post(author=41, channel_id=21)
    assert case_to_extend(copy, ALIKE, [case], preferences(), NOW + COPY_WINDOW) is case
    late = NOW + COPY_WINDOW + timedelta(seconds=1)
    assert case_to_extend(copy, ALIKE, [case], preferences(), late) is None
    assert case_to_extend(copy, DIFFERENT, [case], preferences(), NOW) is None
    assert case_to_extend(copy, (), [case], preferences(), NOW) is None


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("no quote", ""),
        ("> they said this\nand I answer", "they said this"),
        ("  > one\nmine\n> two", "one\ntwo"),
        ("mine\n>>> all\nof this", "all\nof this"),
        (">no space is no quote", ""),
    ],
)
def test_quoted_lines_are_told_from_own_words(text: str, quoted: str) -> None:
    assert quoted_words(text) == quoted


def test_coverage_adds_up() -> None:
    coverage = Coverage(screened=3, skipped={SkipReason.BOT: 2, SkipReason.EMPTY: 1})
    assert coverage.posted == 6


def test_precision_needs_a_ruling() -> None:
    quiet = Digest(GUILD, NOW, NOW, Coverage())
    assert quiet.precision is None
    assert quiet.is_quiet
    ruled = Digest(GUILD, NOW, NOW, Coverage(), opened=4, upheld=3, dismissed=1)
    assert ruled.precision == 0.75
    assert not ruled.is_quiet


def test_an_id_carries_its_time() -> None:
    assert snowflake(EPOCH) == 0
    assert snowflake(EPOCH + timedelta(milliseconds=1)) == 1 << 22
