"""Discord's markdown is read as Discord would show it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.sandbox.markup import Reader, Run, plain, written_time
from bot.ui.text import harmless, name, quote

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
READER = Reader({5: "general", 7: "Imke", 9: "Archivist"}, NOW)


def _runs(text: str) -> tuple[Run, ...]:
    return READER.read(text)[0].runs


def test_bold_ends_where_it_ends() -> None:
    assert _runs("a **b** c") == (Run("a "), Run("b", is_bold=True), Run(" c"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [("<#5>", "#general"), ("<@7>", "@Imke"), ("<@&9>", "@Archivist"), ("<#6>", "#unknown")],
)
def test_mentions_are_shown_by_name(text: str, shown: str) -> None:
    assert _runs(text) == (Run(shown, is_mention=True),)


def test_quotes_are_lines() -> None:
    first, second = READER.read("> said\nanswered")
    assert (first.is_quote, second.is_quote) == (True, False)
    assert plain([first, second]) == "said\nanswered"


def test_links_keep_their_words() -> None:
    assert _runs("[go](https://discord.com/channels/1/2/3)") == (
        Run("go", url="https://discord.com/channels/1/2/3"),
    )


def test_only_web_addresses_are_links() -> None:
    assert all(not run.url for run in _runs("[go](javascript:alert(1))"))


@pytest.mark.parametrize(
    "text", ["**not bold**", "[x](https://evil.example)", "<@7> <#5>", "> quote", "a_b_c `d` ~~e~~", "\\"]
)
def test_what_was_made_harmless_reads_as_it_was_written(text: str) -> None:
    runs = _runs(harmless(text))
    assert "".join(run.text for run in runs).replace("\u200b", "") == text
    assert all(run == Run(run.text) for run in runs)


def test_a_hostile_name_stays_a_name() -> None:
    assert plain(READER.read(f"**{name('**<@7>**')}** said\n{quote('<b>', 50)}")).startswith("**<@")


@pytest.mark.parametrize(
    ("style", "shown"), [("t", "08:30"), ("D", "2 March 2026"), ("R", "30 minutes ago"), ("d", "02/03/2026")]
)
def test_times_are_written_in_discords_styles(style: str, shown: str) -> None:
    assert written_time(datetime(2026, 3, 2, 8, 30, tzinfo=UTC), style, NOW) == shown


def test_a_time_to_come_is_said_to_come() -> None:
    assert written_time(datetime(2026, 3, 4, 9, 0, tzinfo=UTC), "R", NOW) == "in 2 days"
    assert written_time(NOW, "R", NOW) == "just now"
