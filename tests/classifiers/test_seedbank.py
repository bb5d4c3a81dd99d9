"""Seeds are found again, counter-seeds are told apart, and bad files are named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from classifiers.seedbank import Seed, SeedBank, SeedKind, SeedsError, read_seeds

_X = np.array([[1.0, 0.0]], np.float32)
_Y = np.array([[0.0, 1.0]], np.float32)


def test_the_nearest_of_either_kind_is_found() -> None:
    bank = SeedBank(
        [Seed("s", "wake up"), Seed("c", "hello", SeedKind.COUNTER_SEED)], np.concatenate([_X, _Y])
    )
    found = bank.resemblances(np.array([[0.8, 0.6]], np.float32))[0]
    assert found.match is not None
    assert found.match.seed_id == "s"
    assert found.seed == pytest.approx(0.8)
    assert found.counter_seed == pytest.approx(0.6)


def test_only_steering_seeds_weigh_by_themselves() -> None:
    steering = SeedBank([Seed("s", "x"), Seed("c", "y", SeedKind.COUNTER_SEED)], np.concatenate([_X, _Y]))
    corpus = SeedBank([Seed("s", "x", is_steering=False)], _X)
    assert steering.resemblances(_X)[0].steer == pytest.approx(0.5)
    assert steering.resemblances(_Y)[0].steer == pytest.approx(-0.5)
    assert corpus.resemblances(_X)[0].steer == 0.0


def test_an_empty_bank_resembles_nothing() -> None:
    found = SeedBank([], np.zeros((0, 2), np.float32)).resemblances(_X)[0]
    assert (found.match, found.seed, found.counter_seed) == (None, 0.0, 0.0)


def test_a_seed_of_the_same_id_is_replaced() -> None:
    bank = SeedBank([Seed("s", "old")], _X).with_seeds([Seed("s", "new")], _Y)
    assert [seed.text for seed in bank.seeds] == ["new"]
    assert bank.resemblances(_Y)[0].seed == pytest.approx(1.0)


def test_a_removed_seed_is_forgotten() -> None:
    assert len(SeedBank([Seed("s", "old")], _X).without("s")) == 0


def test_seeds_and_vectors_must_match() -> None:
    with pytest.raises(ValueError, match="1 seeds but 2 vectors"):
        SeedBank([Seed("s", "x")], np.concatenate([_X, _Y]))


def test_borderline_rows_are_neither_seed_nor_counter_seed(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    rows = [{"id": f"r{flag}", "text": "t", "flag": flag, "kind": "framing"} for flag in (0, 1, 2)]
    (tmp_path / "corpus" / "x.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert {seed.id: seed.kind for seed in read_seeds(tmp_path)} == {
        "r0": SeedKind.COUNTER_SEED,
        "r2": SeedKind.SEED,
    }


def test_a_bad_line_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "counter_seeds.jsonl").write_text('{"id": "a", "text": "b", "kind": "counter-seed"}\n{oops\n')
    with pytest.raises(SeedsError, match=r"counter_seeds\.jsonl, line 2 is not a seed"):
        read_seeds(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SeedsError, match="holds no seeds"):
        read_seeds(tmp_path)


def test_the_shipped_seeds_can_be_read() -> None:
    seeds = read_seeds(Path(__file__).resolve().parents[2] / "seeds")
    assert sum(seed.id.startswith("counter-") for seed in seeds) >= 60
    assert all(seed.rationale for seed in seeds if seed.id.startswith(("doc-", "counter-")))
    assert all(seed.techniques for seed in seeds if seed.kind is SeedKind.SEED)
