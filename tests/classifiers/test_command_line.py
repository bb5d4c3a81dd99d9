"""The commands: what they print, what they write, how they fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from classifiers.__main__ import app


@pytest.fixture
def parts(tiny_encoder: Path, tiny_weights: Path, tiny_seeds: Path) -> list[str]:
    return ["--encoder", str(tiny_encoder), "--weights", str(tiny_weights), "--seeds", str(tiny_seeds)]


def _run(*arguments: str, stdin: bytes | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments), input=stdin)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("command", ["train", "calibrate", "evaluate", "parity", "score", "card"])
def test_every_command_explains_itself(command: str) -> None:
    code, said, _ = _run(command, "--help")
    assert code == 0
    assert "--seeds" in said


def test_score_writes_a_line_for_each_row(tmp_path: Path, parts: list[str]) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": "a", "text": "wake up"}\n{"id": "b", "text": "no", "context": "yes"}\n')
    code, _, _ = _run("score", "--input", str(source), "--output", str(target), *parts)
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert code == 0
    assert [row["id"] for row in rows] == ["a", "b"]
    assert set(rows[0]) == {"id", "score", "flagged", "language", "techniques", "seed", "model"}


def test_score_reads_stdin_and_reports_a_bad_line(parts: list[str]) -> None:
    code, out, err = _run(
        "score", "--input", "-", *parts, stdin=b'{"id": 1, "text": "x"}\nnope\n{"id": 2, "text": "y"}\n'
    )
    assert code == 1
    assert "line 2: not JSON" in err
    assert [json.loads(line)["id"] for line in out.splitlines() if line.startswith("{")] == [1, 2]


def test_a_missing_file_is_one_line_and_code_2(tmp_path: Path, parts: list[str]) -> None:
    code, _, err = _run("score", "--input", str(tmp_path / "absent.jsonl"), *parts)
    assert code == 2
    assert err.count("\n") <= 2
    assert "absent.jsonl" in err


def test_missing_weights_are_one_line_and_code_2(tmp_path: Path, tiny_seeds: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id": 1, "text": "x"}\n')
    code, _, err = _run(
        "score", "--input", str(tmp_path / "in.jsonl"), "--weights", str(tmp_path), "--seeds", str(tiny_seeds)
    )
    assert code == 2
    assert "manifest.json is missing" in err


def test_evaluate_reports_in_json_markdown_and_plots(
    tmp_path: Path, parts: list[str], tiny_seeds: Path
) -> None:
    code, out, _ = _run(
        "evaluate", "--data", str(tiny_seeds / "corpus" / "a.jsonl"), "--report", str(tmp_path / "r"), *parts
    )
    assert code == 0
    assert json.loads(out)["rows"] == 60
    assert {p.name for p in (tmp_path / "r").iterdir()} == {
        "report.json", "report.md", "precision_recall.png", "reliability.png", "techniques.png",
    }  # fmt: skip


def test_evaluate_names_a_bad_row(tmp_path: Path, parts: list[str]) -> None:
    (tmp_path / "bad.jsonl").write_text('{"id": 1}\n')
    code, _, err = _run("evaluate", "--data", str(tmp_path / "bad.jsonl"), *parts)
    assert code == 2
    assert "line 1" in err


def test_parity_compares_pairs(parts: list[str], tiny_seeds: Path) -> None:
    code, out, _ = _run("parity", "--data", str(tiny_seeds / "corpus" / "a.jsonl"), *parts)
    assert code == 0
    assert json.loads(out)["minimal_pairs"] == 5
