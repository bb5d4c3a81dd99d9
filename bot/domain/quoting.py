"""Tell an author's own words from the words they quote."""

from __future__ import annotations


def quoted_words(text: str) -> str:
    """Return the lines quoted with `>` in Discord's markdown, without the marks; empty when there are none.

    `>>>` quotes everything that follows it.
    """
    quoted: list[str] = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        stripped = line.lstrip()
        if stripped.startswith(">>> "):
            return "\n".join([*quoted, stripped[4:], *lines[number + 1 :]]).strip()
        if stripped.startswith("> "):
            quoted.append(stripped[2:])
    return "\n".join(quoted).strip()
