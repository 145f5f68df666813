"""Whoever reviews a change sees which words change, for whom: every text as it is said, in files people can read."""

import pytest
from words import COMMAND, HERE, PLAYBOOKS, written

NAMES = sorted(f"{file.stem}.txt" for file in PLAYBOOKS.glob("*.toml") if file.stem != "register")


@pytest.mark.parametrize("name", NAMES)
def test_the_words_are_the_ones_that_were_reviewed(name: str) -> None:
    """Every phase, channel and language, with nothing known and with everything at its longest."""
    held = (HERE / name).read_text("utf-8") if (HERE / name).exists() else ""
    changed = [
        f"{was!r} → {now!r}"
        for was, now in zip(held.splitlines(), written()[name].splitlines(), strict=False)
        if was != now
    ]
    assert held == written()[name], f"other words; if they are meant, run {COMMAND}\n" + "\n".join(changed[:10])


def test_no_words_are_held_of_a_playbook_that_is_no_more() -> None:
    assert {file.name for file in HERE.glob("*.txt")} == set(NAMES) == set(written()), f"run {COMMAND}"


def test_each_file_shows_every_text_both_ways() -> None:
    """Nothing known and all at its longest, under a heading that says where."""
    for text in written().values():
        shown = [line for line in text.splitlines() if line.startswith("==== ") and "top line" not in line]
        assert shown and len([line for line in shown if "nothing known" in line]) * 2 == len(shown)
        assert "${" not in text
