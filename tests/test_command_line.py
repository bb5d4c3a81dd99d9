"""The command line: help, clear refusals, and the sign of life."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import cli

runner = CliRunner()


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a settings file whose data stay in the test's folder."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "evenhand.toml"
    file.write_text('[health]\nfile = "alive"\ninterval_seconds = 10\n')
    return file


def test_the_help_names_every_command() -> None:
    said = runner.invoke(cli, ["--help"]).output
    assert all(name in said for name in ("run", "sandbox", "doctor", "healthy"))


def test_a_settings_file_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    result = runner.invoke(cli, ["run", "--config", str(tmp_path / "none.toml")])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1 and "does not exist" in result.stderr


def test_an_unknown_setting_is_refused_with_its_name(config: Path) -> None:
    config.write_text('[discord]\ntokn = "x"\n')
    result = runner.invoke(cli, ["doctor", "--config", str(config)])
    assert result.exit_code == 2
    assert "discord.tokn" in result.stderr


def test_a_bot_that_gave_no_sign_of_life_is_not_healthy(config: Path) -> None:
    assert runner.invoke(cli, ["healthy", "--config", str(config)]).exit_code == 1


def test_a_bot_that_gave_a_sign_of_life_lately_is_healthy(config: Path) -> None:
    (config.parent / "alive").touch()
    assert runner.invoke(cli, ["healthy", "--config", str(config)]).exit_code == 0


def test_an_old_sign_of_life_does_not_count(config: Path) -> None:
    alive = config.parent / "alive"
    alive.touch()
    long_ago = time.time() - 3600
    os.utime(alive, (long_ago, long_ago))
    assert runner.invoke(cli, ["healthy", "--config", str(config)]).exit_code == 1
