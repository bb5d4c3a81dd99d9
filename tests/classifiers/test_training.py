"""Training on a tiny encoder: rows, splits, variation, a whole run, and its resumption."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from classifiers.contract import Passage, Span
from classifiers.factory import build_engine
from classifiers.labelled import LabelledPassage, RowsError, locate, read_labelled, split
from classifiers.taxonomy import Technique
from classifiers.training.augment import Variation, varied, with_sides_swapped
from classifiers.training.corpus import cleaned, gather, with_groups
from classifiers.training.pipeline import RUN, divide, read_log, recalibrate, train_and_export
from classifiers.training.run import LOG, STATE
from classifiers.training.settings import TrainingSettings

_QUICK = TrainingSettings(epochs=2, batch_size=8, averaged=2, encoder_rate=1e-3, stored_rank=4)


def _row(
    text: str, *, span: str = "", context: str = "", pair: str = "", row_id: str = "r"
) -> LabelledPassage:
    found = locate(span, text)
    spans = (found,) if found else ()
    techniques = frozenset({Technique.STRAW_MAN}) if span else frozenset()
    votes = (2,) if span else (0,)
    return LabelledPassage(row_id, text, context, votes, techniques, spans, "authored", "s", row_id, pair)


def test_votes_become_shares_and_the_lower_middle() -> None:
    row = replace(_row("x"), votes=(0, 1, 2, 2))
    assert (row.at_least_borderline, row.clear, row.flag) == (0.75, 0.5, 1)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{oops", "line 1 is not JSON"),
        ("[]", "line 1 is not a JSON object"),
        ('{"id": 1}', "missing or unknown value 'text'"),
        ('{"id": 1, "text": "x", "flag": 5}', "votes"),
        ('{"id": 1, "text": "x", "flag": 2, "techniques": ["Rudeness"]}', "Rudeness"),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(RowsError, match=complaint):
        read_labelled(path, "natural")


def test_replies_to_one_parent_and_pairs_stay_together() -> None:
    rows = with_groups(
        [
            _row("a", context="parent", row_id="1"),
            _row("b", pair="p", row_id="2"),
            _row("c", context="Parent", pair="p", row_id="3"),
            _row("d", row_id="4"),
        ]
    )
    assert len({row.group for row in rows[:3]}) == 1
    assert rows[3].group != rows[0].group
    training, held_out = split(rows, 0.5)
    assert len({row.group for row in training} & {row.group for row in held_out}) == 0


def test_sides_change_places_and_spans_move_along() -> None:
    row = with_sides_swapped(_row("So Russia good, UKRAINE bad, fools", span="fools", context="the left"))
    assert (row.text, row.context) == ("So Ukraine good, RUSSIA bad, fools", "the right")
    assert row.spans[0].of(row.text) == "fools"


def test_variation_never_loses_the_evidence() -> None:
    rng = random.Random(0)
    always = Variation(sides=1.0, typos=0.0, company=1.0, bare=0.0)
    for _ in range(50):
        row = varied(_row("then you want nuclear war", span="want nuclear"), rng, always)
        assert row.spans[0].of(row.text) == "want nuclear"


def test_typos_keep_spans_inside_the_text() -> None:
    rng = random.Random(1)
    for _ in range(200):
        row = varied(
            _row("everybody wants nuclear winter", span="nuclear winter"), rng, Variation(1, 1, 1, 1)
        )
        assert 0 <= row.spans[0].start < row.spans[0].end <= len(row.text)


def test_cleaning_moves_spans_along() -> None:
    (row,) = cleaned([_row("https://x.org **you want** war", span="you want")])
    assert row.spans[0].of(row.text) == "you want"
    assert cleaned([_row("https://x.org")]) == []


def test_rows_come_from_seeds_alone_without_a_data_folder(tiny_seeds: Path, tmp_path: Path) -> None:
    rows = gather(tiny_seeds, tmp_path / "absent")
    assert {row.genre for row in rows} == {"authored"}
    assert sum(row.source == "counter-seed" for row in rows) == 1
    parts = divide(tiny_seeds, None)
    assert parts.civil_calibration == [row for row in parts.calibration if row.flag == 0]


def test_pool_labels_meet_their_texts(tiny_seeds: Path, tmp_path: Path) -> None:
    seeds, data = tmp_path / "seeds", tmp_path / "data"
    (seeds / "labels").mkdir(parents=True)
    data.mkdir()
    label = {"id": "u1", "votes": [2, 1], "techniques": ["Doubt"], "spans": [[0, 4]]}
    (seeds / "labels" / "unlabelled_pool.jsonl").write_text(json.dumps(label))
    (data / "natural_train.jsonl").write_text("")
    row = {"id": "u1", "text": "they lie", "context": "", "source": "s"}
    (data / "unlabelled_pool.jsonl").write_text(json.dumps(row))
    (found,) = gather(seeds, data)
    assert (found.votes, found.spans, found.flag) == ((2, 1), (Span(0, 4),), 1)


def test_a_whole_run_trains_exports_and_resumes(tiny_encoder: Path, tiny_seeds: Path, tmp_path: Path) -> None:
    out = tmp_path / "weights"
    first = train_and_export(None, tiny_seeds, out, _QUICK, encoder=str(tiny_encoder), threads=1)
    log = read_log(out / RUN / LOG)
    assert [entry["epoch"] for entry in log] == [0, 1]
    assert log[1]["loss"] < log[0]["loss"]
    assert (out / RUN / "curves.png").stat().st_size > 1000
    assert (out / RUN / STATE).is_file()
    again = train_and_export(None, tiny_seeds, out, _QUICK, encoder=str(tiny_encoder), threads=1)
    assert again == first
    assert len(read_log(out / RUN / LOG)) == 2
    engine = build_engine(encoder=str(tiny_encoder), weights=out, seeds=tiny_seeds)
    framing, plain = engine.assess([Passage("so you want war then"), Passage("we should send aid because")])
    assert framing.score > plain.score
    assert recalibrate(None, out, tiny_seeds, encoder=str(tiny_encoder), threads=1)[0] == first


# peft still asks transformers for a name that is deprecated.
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")
def test_lora_trains_too(tiny_encoder: Path, tiny_seeds: Path, tmp_path: Path) -> None:
    settings = replace(_QUICK, lora_rank=4, epochs=1)
    train_and_export(None, tiny_seeds, tmp_path, settings, encoder=str(tiny_encoder), threads=1)
    engine = build_engine(encoder=str(tiny_encoder), weights=tmp_path, seeds=tiny_seeds)
    assert 0.0 < engine.assess([Passage("so you want war then")])[0].score < 1.0
