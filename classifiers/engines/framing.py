"""The engine: passages in, calibrated assessments out, one forward pass per batch of windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
from numpy.typing import NDArray

from classifiers.calibration import Calibration, flag_logit, sigmoid
from classifiers.contract import Assessment, ModelInfo, Passage, Sensitivity, Span, TechniqueScore
from classifiers.engines.network import EMBEDDING_SIZE, FramingNetwork
from classifiers.engines.spans import best_run, evidence_runs, words_at
from classifiers.engines.tokens import PassageTokenizer, Tokens, collate
from classifiers.engines.windows import windows
from classifiers.seedbank import Resemblance, Seed, SeedBank
from classifiers.taxonomy import TECHNIQUES
from classifiers.text.language import ENGLISH, LanguageGate
from classifiers.text.reading import Reading, read

_MOST_TOKENS = 4096
"""Padded tokens of one forward pass: keeps memory flat and padding low."""

_NAMED = 0.5
"""Technique score from which a technique is named."""


@dataclass(frozen=True, slots=True)
class WindowReading:
    """What the network said of one window, as float32 arrays: `evidence` (t,), `affinity` (t, 22),
    `techniques` (22,), `embedding` (384,); `flag` is the merged flag logit."""

    window: Span
    tokens: Tokens
    flag: float
    techniques: NDArray[np.float32]
    evidence: NDArray[np.float32]
    affinity: NDArray[np.float32]
    embedding: NDArray[np.float32]


class FramingEngine:
    """Assess batches with a trained network, a seed bank and a calibration; blocking, for one thread."""

    def __init__(
        self,
        *,
        network: FramingNetwork,
        tokenizer: PassageTokenizer,
        model_id: str,
        calibration: Calibration,
        gate: LanguageGate,
        bank: SeedBank,
        device: str = "cpu",
        threads: int | None = None,
    ) -> None:
        """Wire the parts; `threads` is how many threads torch may use, None leaves torch's own choice."""
        self._network = network
        self._tokenizer = tokenizer
        self._calibration = calibration
        self._gate = gate
        self._bank = bank
        self._device = torch.device(device)
        self._threads = threads
        self._info = ModelInfo(model_id, dict(calibration.thresholds))

    @property
    def info(self) -> ModelInfo:
        """Say which model answers."""
        return self._info

    @property
    def bank(self) -> SeedBank:
        """Return the seeds that scores depend on."""
        return self._bank

    @property
    def calibration(self) -> Calibration:
        """Return what turns logits into probabilities."""
        return self._calibration

    def with_bank(self, bank: SeedBank) -> FramingEngine:
        """Use this bank from now on and return the engine itself."""
        self._bank = bank
        return self

    def with_calibration(self, calibration: Calibration) -> FramingEngine:
        """Use this calibration from now on and return the engine itself."""
        self._calibration = calibration
        self._info = ModelInfo(self._info.model_id, dict(calibration.thresholds))
        return self

    def add_seeds(self, seeds: Sequence[Seed]) -> None:
        """Add seeds or counter-seeds for the very next assessment; one of the same id is replaced."""
        self._bank = self._bank.with_seeds(seeds, self.embed([seed.text for seed in seeds]))

    def remove_seed(self, seed_id: str) -> None:
        """Forget a seed; nothing happens when there is none of that id."""
        self._bank = self._bank.without(seed_id)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of shape (texts, 384), float32; of a long text its first window counts."""
        if not texts:
            return np.zeros((0, EMBEDDING_SIZE), np.float32)
        return np.stack(
            [found[0].embedding for found in self.read_windows([read(Passage(t)) for t in texts])]
        )

    def assess(self, passages: Sequence[Passage]) -> list[Assessment]:
        """Return one assessment per passage, in order; empty and foreign texts never reach the network."""
        readings = [read(passage) for passage in passages]
        languages = [self._gate.language(reading.own.text) for reading in readings]
        judged = [i for i, r in enumerate(readings) if languages[i] == ENGLISH and r.own.text.strip()]
        found = dict(zip(judged, self.read_windows([readings[i] for i in judged]), strict=True))
        return [
            self._judge(reading, found[i])
            if i in found
            else Assessment(
                0.0, self._info.model_id, language=languages[i], is_evaluated=languages[i] == ENGLISH
            )
            for i, reading in enumerate(readings)
        ]

    def read_windows(self, readings: Sequence[Reading]) -> list[list[WindowReading]]:
        """Run the network over all windows of all readings, like lengths together; lists are in order."""
        if self._threads is not None and torch.get_num_threads() != self._threads:
            torch.set_num_threads(self._threads)
        cut = [windows(reading, self._tokenizer) for reading in readings]
        flat = list(chain.from_iterable(cut))
        order = sorted(range(len(flat)), key=lambda i: len(flat[i][1].ids))
        results: dict[int, WindowReading] = {}
        for part in _parts(order, [len(tokens.ids) for _, tokens in flat]):
            results.update(zip(part, self._forward([flat[i] for i in part]), strict=True))
        in_order = iter(range(len(flat)))
        return [[results[next(in_order)] for _ in spans] for spans in cut]

    @torch.inference_mode()
    def _forward(self, rows: Sequence[tuple[Span, Tokens]]) -> list[WindowReading]:
        said = self._network(collate([tokens for _, tokens in rows], device=self._device))
        flag = said.flag.double().cpu().numpy()
        merged = flag_logit(flag[:, 0], flag[:, 1])
        techniques, evidence = said.techniques.cpu().numpy(), said.evidence.cpu().numpy()
        affinity, embedding = said.affinity.cpu().numpy(), said.embedding.cpu().numpy()
        return [
            WindowReading(
                span, tokens, float(merged[i]), techniques[i], evidence[i, : tokens.n_text],
                affinity[i, : tokens.n_text], embedding[i],
            )
            for i, (span, tokens) in enumerate(rows)
        ]  # fmt: skip

    def _judge(self, reading: Reading, found: Sequence[WindowReading]) -> Assessment:
        resemblances = self._bank.resemblances(np.stack([window.embedding for window in found]))
        odds = self._calibration.blend.logits(
            np.array([window.flag for window in found]),
            np.array([r.seed for r in resemblances]),
            np.array([r.counter_seed for r in resemblances]),
            np.array([r.steer for r in resemblances]),
        )
        worst = int(odds.argmax())
        log_odds, window, alike = float(odds[worst]), found[worst], resemblances[worst]
        score = sigmoid(log_odds)
        return Assessment(
            score=score,
            model_id=self._info.model_id,
            techniques=self._techniques(reading, window, alike, score),
            nearest_seed=alike.match,
            language=ENGLISH,
            is_truncated=any(w.tokens.is_truncated for w in found),
            interval=self._calibration.interval(log_odds),
            embedding=tuple(window.embedding.tolist()),
        )

    def _techniques(
        self, reading: Reading, window: WindowReading, alike: Resemblance, score: float
    ) -> tuple[TechniqueScore, ...]:
        """Name the techniques that reach their cut, and the likeliest one wherever a server might flag."""
        scores = [
            self._calibration.technique_score(technique, float(window.techniques[i]))
            for i, technique in enumerate(TECHNIQUES)
        ]
        ranked = sorted(range(len(TECHNIQUES)), key=lambda i: -scores[i])
        named = [i for i in ranked if scores[i] >= _NAMED]
        if not named and score >= self._info.thresholds[Sensitivity.HIGH]:
            named = ranked[:1]
        is_word = np.array([end > start for start, end in window.tokens.offsets], dtype=np.bool_)
        runs = evidence_runs(window.evidence, is_word, self._calibration.evidence_cut) if named else []
        return tuple(
            TechniqueScore(TECHNIQUES[i], scores[i], self._span(reading, window, runs, i)) for i in named
        )

    def _span(
        self, reading: Reading, window: WindowReading, runs: list[tuple[int, int]], technique: int
    ) -> Span | None:
        if not runs:
            return None
        run = best_run(runs, window.evidence, window.affinity[:, technique])
        return words_at(run, window.tokens.offsets, window.window, reading)


def _parts(order: Sequence[int], lengths: Sequence[int]) -> list[list[int]]:
    """Cut row numbers, sorted by length, into groups whose padded size stays within the limit."""
    parts: list[list[int]] = []
    for i in order:
        if parts and (len(parts[-1]) + 1) * lengths[i] <= _MOST_TOKENS:
            parts[-1].append(i)
        else:
            parts.append([i])
    return parts
