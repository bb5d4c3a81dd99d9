"""Settings come from four places in a fixed order, and a fault is one line that holds no value."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from config.load import DEFAULTS, PROJECT_ROOT, environment_names, load_settings, misspelt
from config.schema import Settings, SettingsError

TOKEN = "a-token-that-must-not-be-shown"


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every test in an empty working directory."""
    monkeypatch.chdir(tmp_path)


def test_without_any_source_the_defaults_hold() -> None:
    assert load_settings(environ={}).log == Settings().log


def test_the_shipped_file_says_what_the_schema_says() -> None:
    assert Settings.model_validate(tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))) == Settings()


def test_the_shipped_file_holds_every_key_with_a_comment_above_it() -> None:
    lines = DEFAULTS.read_text(encoding="utf-8").splitlines()
    keys = [n for n, line in enumerate(lines) if " = " in line and not line.startswith("#")]
    assert len(keys) == len(environment_names())
    assert all(lines[n - 1].startswith("# ") for n in keys)


def test_the_environment_wins_over_dotenv_over_the_file_over_the_defaults(tmp_path: Path) -> None:
    _write(tmp_path / ".env", "LOG_LEVEL=error\nINTAKE_WORKERS=7\n")
    mine = _write(tmp_path / "mine.toml", '[log]\nlevel = "debug"\nformat = "json"\n[intake]\nworkers = 9\n')
    settings = load_settings(mine, environ={"LOG_LEVEL": "warning"})
    assert (settings.log.level, settings.log.format) == ("warning", "json")
    assert (settings.intake.workers, settings.intake.queue_size) == (7, 5000)


def test_the_operators_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    mine = _write(tmp_path / "mine.toml", '[log]\nlevel = "debug"\n')
    assert load_settings(environ={"EVENHAND_CONFIG": str(mine)}).log.level == "debug"


def test_a_path_given_wins_over_the_one_in_the_environment(tmp_path: Path) -> None:
    mine = _write(tmp_path / "mine.toml", '[log]\nlevel = "debug"\n')
    assert load_settings(mine, environ={"EVENHAND_CONFIG": "elsewhere.toml"}).log.level == "debug"


def test_keys_with_an_underscore_have_plain_environment_names() -> None:
    settings = load_settings(
        environ={"DISCORD_API_URL": "http://127.0.0.1:3001/api/v9/", "CLASSIFIER_BATCH_WAIT_MS": "4"}
    )
    assert settings.discord.api_url == "http://127.0.0.1:3001/api/v9"
    assert settings.discord.is_self_hosted
    assert settings.classifier.batch_wait_ms == 4


def test_foreign_variables_that_share_a_prefix_change_nothing() -> None:
    environ = {"DISCORD_WEBHOOK": "x", "LOG": "1", "STORAGE": "{}", "HEALTH_": "", "DISCORD": "y"}
    assert load_settings(environ=environ) == load_settings(environ={})


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    mine = _write(tmp_path / "mine.toml", '[log]\nlevel = "debug"\n')
    assert load_settings(mine, environ={"LOG_LEVEL": " "}).log.level == "debug"


def test_a_variable_that_looks_like_a_setting_is_pointed_out() -> None:
    found = misspelt({"DISCORD_BOT_TOKEN": TOKEN, "DISCORD_TOKEN": TOKEN, "HOME": "/", "LOGLEVEL": "x"})
    assert found == {"DISCORD_BOT_TOKEN": "DISCORD_TOKEN", "LOGLEVEL": "LOG_LEVEL"}


def test_relative_paths_start_at_the_project_for_the_model_and_here_for_the_data(tmp_path: Path) -> None:
    settings = load_settings(environ={"STORAGE_KEY_FILE": "/etc/evenhand.key"})
    assert settings.classifier.weights == PROJECT_ROOT / "classifiers/weights"
    assert settings.classifier.seeds == PROJECT_ROOT / "seeds"
    assert settings.storage.path == tmp_path / "data/evenhand.sqlite3"
    assert settings.health.file == tmp_path / "data/alive"
    assert settings.storage.key_file == Path("/etc/evenhand.key")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[log]\nlevle = 'x'\n", ["log.levle", "did you mean level?", "mine.toml"]),
        ("[logs]\nlevel = 'x'\n", ["[logs]", "did you mean log?", "mine.toml"]),
        ("[discord]\nqqq = 'x'\n", ["discord.qqq", "known are: token, api_url", "mine.toml"]),
        ("log = 'debug'\n", ["log must be a section", "mine.toml"]),
        ("[log]\nlevel = 'loud'\n", ["log.level", "mine.toml", "'debug'"]),
        ("[discord]\napi_url = 'discord.com'\n", ["discord.api_url", "must start with https://"]),
        ("[discord]\ngateway_url = 'https://x'\n", ["discord.gateway_url", "must start with wss://"]),
        ("[intake]\nworkers = 0\n", ["intake.workers", "mine.toml", "greater than or equal to 1"]),
        ("[log\nlevel = 'x'\n", ["mine.toml", "not valid TOML at line 1"]),
        ("\0", ["mine.toml", "not valid TOML"]),
    ],
)
def test_a_fault_in_the_file_names_key_file_and_remedy(tmp_path: Path, text: str, parts: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(_write(tmp_path / "mine.toml", text), environ={})
    message = str(caught.value)
    assert all(part in message for part in parts), message
    assert "\n" not in message


def test_a_fault_in_the_environment_is_put_down_to_it(tmp_path: Path) -> None:
    mine = _write(tmp_path / "mine.toml", "[intake]\nworkers = 3\n")
    with pytest.raises(SettingsError, match=r"^intake\.workers in the environment is not usable"):
        load_settings(mine, environ={"INTAKE_WORKERS": "many"})


def test_a_fault_in_dotenv_is_put_down_to_it(tmp_path: Path) -> None:
    _write(tmp_path / ".env", "INTAKE_WORKERS=many\n")
    with pytest.raises(SettingsError, match=r"^intake\.workers in \.env is not usable"):
        load_settings(environ={})


@pytest.mark.parametrize("text", [f"[discord]\ntoken = [{TOKEN!r}]\n", f"[discord]\ntoken = {TOKEN}\n"])
def test_a_secret_is_never_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(_write(tmp_path / "mine.toml", text), environ={})
    assert TOKEN not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert TOKEN not in repr(load_settings(environ={"DISCORD_TOKEN": TOKEN}))


def test_a_file_that_is_not_there_is_an_error_with_its_remedy() -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml does not exist: correct the path"):
        load_settings(Path("nowhere.toml"), environ={})


def test_files_that_cannot_be_read_are_errors(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path / "mine.toml", environ={})
    (tmp_path / ".env").write_bytes(b"A=\xff\xfe")
    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        load_settings(environ={})


def test_the_model_leaves_one_core_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    assert load_settings(environ={}).classifier.threads_used == 3
    assert load_settings(environ={"CLASSIFIER_THREADS": "2"}).classifier.threads_used == 2
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert load_settings(environ={}).classifier.threads_used == 1


def test_the_operators_page_lists_every_key() -> None:
    page = (PROJECT_ROOT / "docs/OPERATORS.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z_]+)\.([a-z_]+)` \|", page, re.MULTILINE)
    assert listed == list(environment_names().values())
