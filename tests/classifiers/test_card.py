"""The model card says what was measured of the weights that are shipped."""

from __future__ import annotations

import json
from pathlib import Path

from classifiers.training.card_text import card_text

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "benchmarks" / "model.json"


def test_the_card_is_made_of_the_figures_beside_it() -> None:
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    assert (ROOT / "docs" / "MODEL_CARD.md").read_text(encoding="utf-8") == card_text(figures)


def test_the_figures_are_those_of_the_shipped_weights() -> None:
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    manifest = json.loads((ROOT / "classifiers" / "weights" / "manifest.json").read_text(encoding="utf-8"))
    assert figures["model"] == manifest["model_id"]


def test_no_place_in_the_card_is_left_unfilled() -> None:
    card = (ROOT / "docs" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "{" not in card
