"""A whole run of the demo server: what is printed, and what is on the page."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest
from rich.console import Console

from bot.sandbox import run_sandbox
from config.schema import ClassifierSettings, Settings
from tests.sandbox.cues import CueClassifier
from tests.sandbox.test_story import SEEDS

VOID = {"meta", "img", "br", "link"}


@dataclass(frozen=True, slots=True)
class Played:
    """What a run left behind."""

    printed: str
    page: str


class Elements(HTMLParser):
    """Collect a page's elements with their attributes, and what was left open."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.misplaced: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        if not self.open or self.open.pop() != tag:
            self.misplaced.append(tag)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Play the shipped story once, fast, with a classifier that goes by a few words."""
    out = io.StringIO()
    settings = Settings(classifier=ClassifierSettings(seeds=SEEDS))
    page = asyncio.run(
        run_sandbox(
            settings,
            console=Console(file=out, width=120),
            out_dir=tmp_path_factory.mktemp("out") / "new",
            is_fast=True,
            classifier=CueClassifier(),
        )
    )
    yield Played(out.getvalue(), page.read_text(encoding="utf-8"))


def _elements(page: str) -> Elements:
    elements = Elements()
    elements.feed(page)
    return elements


def test_the_run_says_where_the_page_is(played: Played) -> None:
    assert "sandbox.html" in "".join(played.printed.split())


def test_nothing_that_looks_like_a_fault_is_printed(played: Played) -> None:
    assert not re.search(r"Traceback|Warning|Exception", played.printed)


def test_a_member_without_permission_is_refused(played: Played) -> None:
    assert "Perrin (no moderator) presses “Uphold”" in played.printed
    assert "needs the permission to manage messages" in played.printed


def test_people_uphold_and_dismiss_by_button(played: Played) -> None:
    assert re.search(r"Imke presses “Uphold” on case \d+ and writes", played.printed)
    assert re.search(r"presses “Dismiss” on case \d+ and writes", played.printed)
    assert "stays open and asks for a second opinion" in played.printed


def test_copies_by_three_accounts_are_one_card(played: Played) -> None:
    assert "3 posts by 3 accounts" in played.page


def test_the_edit_that_evades_is_caught_with_both_versions(played: Played) -> None:
    assert "edits an earlier post" in played.printed
    assert re.search(r'class="text old">.*no opinion on it.*edited into', played.page, re.DOTALL)


def test_what_was_missed_while_away_is_caught_up_and_buttons_still_work(played: Played) -> None:
    after = played.printed.split("fetches what it missed")[1]
    assert "Possible red herring" in after.split("Fri")[0]
    assert "presses “Uphold”" in after


def test_the_digest_comes_when_it_is_due(played: Played) -> None:
    assert "This week's flags" in played.printed
    assert 'src="data:image/png;base64,' in played.page
    assert re.search(r'<img [^>]*alt="Cases per day', played.page)


def test_skipped_posts_are_counted_by_reason(played: Played) -> None:
    words = " ".join(played.printed.split("What it came to")[1].split())
    for reason in ("from bots", "from webhooks", "from exempt roles", "without text", "not evaluated"):
        assert reason in words


def test_the_page_holds_every_card(played: Played) -> None:
    opened = len(set(re.findall(r"╭─ (Case \d+) · Possible", played.printed)))
    cards = [a["id"] for tag, a in _elements(played.page).found if tag == "article"]
    assert opened >= 8
    assert sum(str(i).startswith("case-") for i in cards) == opened
    assert sum(str(i).startswith("notice-") for i in cards) == 1


def test_the_page_is_well_formed_and_its_links_lead_somewhere(played: Played) -> None:
    elements = _elements(played.page)
    ids = {a["id"] for _, a in elements.found if "id" in a}
    inner = {str(a["href"])[1:] for tag, a in elements.found if tag == "a" and str(a["href"]).startswith("#")}
    assert (elements.open, elements.misplaced) == ([], [])
    assert inner <= ids


def test_the_page_needs_no_network_and_runs_nothing(played: Played) -> None:
    elements = _elements(played.page)
    assert not {tag for tag, _ in elements.found} & {"script", "link", "iframe", "object", "form"}
    for tag, attributes in elements.found:
        assert not any(name.startswith("on") for name in attributes)
        assert tag != "img" or str(attributes["src"]).startswith("data:")


def test_hostile_posts_are_shown_as_they_were_typed(played: Played) -> None:
    assert "&lt;script&gt;alert(&#34;does this work&#34;)&lt;/script&gt;" in played.page
    assert "<script" not in played.page
    hrefs = [str(a["href"]) for tag, a in _elements(played.page).found if tag == "a"]
    assert all(href.startswith(("#", "https://discord.com/")) for href in hrefs)


def test_the_page_starts_as_a_page_does(played: Played) -> None:
    assert played.page.startswith("<!doctype html>")
