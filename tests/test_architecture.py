"""The house rules that a machine can hold: sizes, docstrings, names, and what `bot.app` drags in."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("bot", "classifiers", "config")
HOUSE = (*PACKAGES, "tests", "benchmarks")

MOST_FILE_LINES = 300
MOST_FUNCTION_LINES = 40

LONG_FILES = {
    "bot/ports.py": "every promise the services rely on, in one list; split, it would be read in pieces",
    "tests/fake_database.py": "one small stand-in per store, kept together because they share their rows",
}
LONG_FUNCTIONS = {
    "bot/app.py:build_application": "the composition root: a flat list of parts, read from top to bottom",
}

NO_FOLDERS = {"utils", "helpers", "common", "core", "manager"}
NO_NAMES = re.compile(r"propagandist|troll(?!ey)|offender|toxic|guilty", re.IGNORECASE)
"""They name people or intent; what is observed here is words."""

HEAVY = ("torch", "transformers", "matplotlib", "peft", "onnxruntime")


def _sources(folders: tuple[str, ...]) -> Iterator[tuple[str, ast.Module, str]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            yield path.relative_to(ROOT).as_posix(), ast.parse(text), text


def _definitions(
    tree: ast.Module,
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    """Yield classes, functions and methods with their dotted names, nothing that is inside a function."""
    waiting: list[tuple[str, ast.stmt]] = [("", node) for node in tree.body]
    while waiting:
        prefix, node = waiting.pop(0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield prefix + node.name, node
            waiting.extend((f"{prefix}{node.name}.", child) for child in node.body)
        elif isinstance(node, ast.If | ast.Try):
            waiting.extend((prefix, child) for child in node.body)


def _is_public(name: str) -> bool:
    return not any(part.startswith("_") for part in name.split("."))


def _is_overload(node: ast.AST) -> bool:
    return any("overload" in ast.unparse(d) for d in getattr(node, "decorator_list", []))


def _names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def test_no_file_is_longer_than_a_person_reads_at_once() -> None:
    lengths = {name: len(text.splitlines()) for name, _, text in _sources(HOUSE)}
    too_long = {name for name, length in lengths.items() if length > MOST_FILE_LINES}
    assert too_long == LONG_FILES.keys(), (
        "split it, or list it above with the reason; unlist what became short"
    )


def test_no_function_is_longer_than_a_screen() -> None:
    too_long = {
        f"{file}:{name}"
        for file, tree, _ in _sources(HOUSE)
        for name, node in _definitions(tree)
        if not isinstance(node, ast.ClassDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > MOST_FUNCTION_LINES
    }
    assert too_long == LONG_FUNCTIONS.keys(), (
        "split it, or list it above with the reason; unlist what is short"
    )


def test_every_module_says_what_it_is_for() -> None:
    silent = [file for file, tree, text in _sources(HOUSE) if text.strip() and not ast.get_docstring(tree)]
    assert silent == []


def test_everything_public_says_what_it_does() -> None:
    silent = [
        f"{file}:{name}"
        for file, tree, _ in _sources(PACKAGES)
        for name, node in _definitions(tree)
        if _is_public(name) and not _is_overload(node) and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_folder_is_a_drawer_for_everything() -> None:
    folders = {p.name for folder in HOUSE for p in (ROOT / folder).rglob("*") if p.is_dir()}
    files = {Path(name).stem for name, _, _ in _sources(HOUSE)}
    assert not (folders | files) & NO_FOLDERS


def test_no_name_accuses_anybody() -> None:
    found = {
        (file, name) for file, tree, _ in _sources(HOUSE) for name in _names(tree) if NO_NAMES.search(name)
    }
    assert found == set()


@pytest.mark.parametrize("module", ["bot.app", "bot.live", "bot.doctor", "bot.__main__"])
def test_the_bot_starts_without_the_heavy_libraries(module: str) -> None:
    code = f"import sys, {module}; print(*(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run(  # noqa: S603 (our own interpreter, our own words)
        [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
