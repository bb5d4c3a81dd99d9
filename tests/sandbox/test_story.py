"""The demo server is whole, believable and fair to both camps."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from bot.sandbox import SandboxError
from bot.sandbox.story import FOLDER, Story, load_story, loose_ends

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


@pytest.fixture(scope="module")
def story() -> Story:
    """Load the shipped story."""
    return load_story(SEEDS)


def test_there_is_enough_to_see(story: Story) -> None:
    assert len(story.lines) >= 120
    assert len({line.channel for line in story.lines}) >= 4
    assert len({line.author for line in story.lines}) >= 12


def test_ids_are_unique_and_nothing_leads_nowhere(story: Story) -> None:
    assert len({line.id for line in story.lines}) == len(story.lines)
    assert loose_ends(story) == []


def test_both_camps_have_framings_and_sincere_opinions(story: Story) -> None:
    for camps in (("pro-ukraine",), ("pro-russia", "anti-aid")), (("left",), ("right",)):
        for camp in camps:
            kinds = Counter(line.kind for line in story.lines if line.side in camp)
            assert kinds["framing"] + kinds["copy"] >= 3, camp
            assert kinds["opinion"] >= 3, camp


def test_ordinary_talk_dominates(story: Story) -> None:
    plain = [line for line in story.lines if line.flag == 0]
    short = [line for line in story.lines if len(line.text) <= 60]
    assert len(plain) > 0.8 * len(story.lines)
    assert len(short) > 0.5 * len(story.lines)


def test_everything_that_is_skipped_is_there(story: Story) -> None:
    kinds = {line.kind for line in story.lines}
    assert {"bot", "webhook", "exempt", "attachment", "other-language"} <= kinds


def test_every_kind_of_beat_is_played(story: Story) -> None:
    deeds = {beat.do for beat in story.beats}
    assert {"refused", "rule", "second_opinion", "edit", "delete", "stop", "start", "digest"} <= deeds


def test_a_flag_has_a_reason_and_look_alikes_have_none(story: Story) -> None:
    first_copy = next(line for line in story.lines if line.kind == "copy")
    for line in story.lines:
        if line.flag and line.kind != "copy":
            assert line.why, line.id
        if line.kind in ("look-alike", "opinion", "question", "chatter", "news"):
            assert line.flag == 0, line.id
    assert first_copy.why


def _copy(folder: Path) -> Path:
    shutil.copytree(SEEDS / FOLDER, folder / FOLDER)
    return folder / FOLDER


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    messages = _copy(tmp_path) / "messages.jsonl"
    messages.write_text('{"id": "m001"}\n', encoding="utf-8")
    with pytest.raises(SandboxError, match=r"messages\.jsonl, line 1"):
        load_story(tmp_path)


def test_an_answer_to_nothing_is_named(tmp_path: Path) -> None:
    messages = _copy(tmp_path) / "messages.jsonl"
    lines = messages.read_text(encoding="utf-8").splitlines()
    lines[0] = json.dumps({**json.loads(lines[0]), "reply_to": "m999"})
    messages.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SandboxError, match="m001 answers m999"):
        load_story(tmp_path)


def test_a_missing_folder_has_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"set classifier\.seeds"):
        load_story(tmp_path)
