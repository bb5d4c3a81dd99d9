"""Read the operator's settings from environment, `.env`, their own file and the defaults; the first wins."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from config.schema import Settings, SettingsError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DEFAULTS = Path(__file__).with_name("default.toml")
CONFIG_VARIABLE = "EVENHAND_CONFIG"
"""Names the operator's file where no path is given."""

ENV_FILE = Path(".env")
"""Read from the working directory when it is there."""

MISSPELT = 0.8
"""Likeness (`difflib`, 0 to 1) from which a foreign variable is taken for a misspelt name."""

Sections = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Layer:
    """One place that settings come from; `values` goes by section and key."""

    origin: str
    values: Sections


def environment_names() -> dict[str, tuple[str, str]]:
    """Return the variables that count, with the section and key behind each: DISCORD_TOKEN, LOG_LEVEL …"""
    return {
        f"{section}_{key}".upper(): (section, key)
        for section, model in _sections().items()
        for key in model.model_fields
    }


def load_settings(
    path: Path | None = None, *, environ: Mapping[str, str], env_file: Path | None = ENV_FILE
) -> Settings:
    """Merge all sources; raise `SettingsError` with a one-line message that holds no value.

    Only the exact names of `environment_names` count in the environment and in `.env`, and an empty one
    counts as not set. `path` wins over EVENHAND_CONFIG.
    """
    dotenv = _read_env_file(env_file)
    named = path or _named_file({**dotenv, **environ})
    layers = [_from_environment("the environment", environ), _from_environment(str(env_file), dotenv)]
    if named:
        layers.append(_from_file(named))
    layers.append(_from_file(DEFAULTS))
    return _resolved(_merged(layers))


def misspelt(environ: Mapping[str, str], env_file: Path | None = ENV_FILE) -> dict[str, str]:
    """Return the variables that look like a setting but are none, with the name that was likely meant."""
    names = [*environment_names(), CONFIG_VARIABLE]
    found = {}
    for name in {**_read_env_file(env_file), **environ}:
        if name not in names and (likely := difflib.get_close_matches(name.upper(), names, 1, MISSPELT)):
            found[name] = likely[0]
    return found


def _merged(layers: list[_Layer]) -> Settings:
    """Merge layers, the first one winning key by key; raise `SettingsError` naming the layer at fault."""

    class Layered(BaseSettings, Settings):
        model_config = SettingsConfigDict(extra="forbid", frozen=True)

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            """Replace the built-in sources: they read whatever shares a prefix."""
            return tuple(InitSettingsSource(settings_cls, dict(layer.values)) for layer in layers)

    try:
        merged = Layered()
    except ValidationError as error:
        raise SettingsError(_explained(error, layers)) from None
    return Settings.model_validate({name: getattr(merged, name) for name in Settings.model_fields})


def _explained(error: ValidationError, layers: list[_Layer]) -> str:
    """Say which key is wrong, where it stands and what is expected; never what was written there."""
    first = error.errors(include_input=False, include_url=False)[0]
    section, key = str(first["loc"][0]), str(first["loc"][1])
    origin = next(layer.origin for layer in layers if key in layer.values.get(section, {}))
    expected = first["msg"].removeprefix("Value error, ")
    return f"{section}.{key} in {origin} is not usable: {expected[:1].lower()}{expected[1:]}"


def _resolved(settings: Settings) -> Settings:
    """Make every path absolute: the model's from the project root, the data's from the working directory."""
    classifier, storage, health = settings.classifier, settings.storage, settings.health
    here = Path.cwd()
    return settings.model_copy(
        update={
            "classifier": classifier.model_copy(
                update={
                    "weights": PROJECT_ROOT / classifier.weights.expanduser(),
                    "seeds": PROJECT_ROOT / classifier.seeds.expanduser(),
                }
            ),
            "storage": storage.model_copy(
                update={
                    "path": here / storage.path.expanduser(),
                    "key_file": here / storage.key_file.expanduser(),
                }
            ),
            "health": health.model_copy(update={"file": here / health.file.expanduser()}),
        }
    )


def _sections() -> dict[str, type[BaseModel]]:
    models = {name: field.annotation for name, field in Settings.model_fields.items()}
    return {name: m for name, m in models.items() if isinstance(m, type) and issubclass(m, BaseModel)}


def _named_file(environ: Mapping[str, str]) -> Path | None:
    name = environ.get(CONFIG_VARIABLE, "").strip()
    return Path(name).expanduser() if name else None


def _read_env_file(path: Path | None) -> dict[str, str]:
    if path is None or not path.is_file():
        return {}
    try:
        return {name: value or "" for name, value in dotenv_values(path, interpolate=False).items()}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read ({_cause(error)}): check its permissions") from None


def _from_environment(origin: str, environ: Mapping[str, str]) -> _Layer:
    values: dict[str, dict[str, Any]] = {}
    for name, (section, key) in environment_names().items():
        if value := environ.get(name, "").strip():
            values.setdefault(section, {})[key] = value
    return _Layer(origin, values)


def _from_file(path: Path) -> _Layer:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML{_place(error)}: correct it there") from None
    except FileNotFoundError:
        raise SettingsError(
            f"{path} does not exist: correct the path given by --config or {CONFIG_VARIABLE}"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read ({_cause(error)}): check the file") from None
    for complaint in _complaints(values):
        raise SettingsError(f"{complaint} in {path}")
    return _Layer(str(path), values)


def _complaints(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is unknown or out of place in a file, each with its remedy."""
    sections = _sections()
    for section, keys in values.items():
        if section not in sections:
            yield f"[{section}] is no section{_remedy(section, sections)}"
        elif not isinstance(keys, Mapping):
            yield f"{section} must be a section: write [{section}] above its keys"
        else:
            known = sections[section].model_fields
            yield from (f"{section}.{k} is no setting{_remedy(k, known)}" for k in keys if k not in known)


def _remedy(name: str, known: Mapping[str, Any]) -> str:
    likely = difflib.get_close_matches(name, known, 1, 0.6)
    return f" (did you mean {likely[0]}?)" if likely else f" (known are: {', '.join(known)})"


def _place(error: tomllib.TOMLDecodeError) -> str:
    """Return only the line of a TOML fault: the rest of the message may quote what is written there."""
    line = re.search(r"at line (\d+)", str(error))
    return f" at line {line[1]}" if line else ""


def _cause(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or "unreadable") if isinstance(error, OSError) else "not UTF-8"
