"""The error tree: drawn once, and the drawing is the code."""

import re

import pytest

from broadcaster import errors
from broadcaster.errors import BroadcasterError, Refusal, Text, Unsound

CLASSES = {
    name: one
    for name, one in vars(errors).items()
    if isinstance(one, type) and issubclass(one, BroadcasterError) and one is not BroadcasterError
}
REFUSALS = [one for one in CLASSES.values() if issubclass(one, Refusal) and one is not Refusal]


def test_the_tree_in_the_docstring_is_the_codes() -> None:
    """Each line names a class, stands under its parent, and says its status."""
    drawn: dict[str, tuple[str, str | None]] = {}
    path = ["BroadcasterError"]
    for line in (errors.__doc__ or "").split("\n"):
        found = re.match(r"^([│ ]*)[├└]── (\w+)(?: +([0-9]{3})\b)?", line)
        if found:
            depth = len(found[1]) // 4 + 1
            path = [*path[:depth], found[2]]
            drawn[found[2]] = (path[depth - 1], found[3])
    coded = {
        name: (one.__mro__[1].__name__, str(one.status) if one in REFUSALS else None) for name, one in CLASSES.items()
    }
    assert drawn == coded


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda one: str(one.__name__))
def test_every_refusal_has_a_status_of_its_own_and_a_title_in_both_languages(refusal: type[Refusal]) -> None:
    assert 400 <= refusal.status < 500 or refusal.status == 503
    assert refusal.title is not Refusal.title
    assert refusal.title.sv and refusal.title.en and refusal.title.sv != refusal.title.en
    assert [one.status for one in REFUSALS].count(refusal.status) == 1


def test_a_refusal_speaks_english_to_a_log_and_both_to_a_person() -> None:
    refusal = errors.Conflict("closed", Text("Stängd.", "Closed."), retry_after_s=3)
    assert str(refusal) == "Closed."
    assert [refusal.detail.in_(language) for language in ("sv", "en", "fi")] == ["Stängd.", "Closed.", "Stängd."]
    assert (refusal.slug, refusal.fields, refusal.retry_after_s) == ("closed", (), 3)


def test_an_unsound_playbook_says_file_line_and_reason() -> None:
    fault = Unsound("telefoni.toml", 12, "the blank tid has no sentence")
    assert str(fault) == "telefoni.toml:12: the blank tid has no sentence"
    assert (fault.file, fault.line, fault.reason) == ("telefoni.toml", 12, "the blank tid has no sentence")
