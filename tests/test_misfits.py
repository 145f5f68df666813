"""Why a file is no playbook, in words for whoever wrote it."""

import pytest

from broadcaster.misfits import explained

KEYS = ("editor", "version", "languages_on")


@pytest.mark.parametrize(
    ("kind", "key", "given", "context", "said"),
    [
        ("extra_forbidden", "editer", "eva", {}, "there is no such key here; write editor, or remove it"),
        ("extra_forbidden", "zzz", "eva", {}, "there is no such key here; remove it, or mend its spelling"),
        ("missing", "editor", {}, {}, "is missing; add it"),
        ("int_type", "version", "1", {}, "'1' is of the wrong kind; write a whole number without quotes"),
        ("bool_type", "open", "yes", {}, "'yes' is of the wrong kind; write true or false without quotes"),
        ("too_short", "channels", [], {"min_length": 1}, "is empty; list at least 1"),
        (
            "string_pattern_mismatch", "languages", "svenska!", {},
            "'svenska!' cannot be a name here; use the tag of a language, such as sv, en or sv-x-lattlast",
        ),
        ("string_type", "sv", ["x" * 90], {}, f"{repr(['x' * 90])[:36]} … is of the wrong kind; write text in quotes"),
    ],
)  # fmt: skip
def test_every_fault_says_what_is_wrong_and_what_to_write(
    kind: str, key: str, given: object, context: dict[str, object], said: str
) -> None:
    assert explained(kind, key, given, context, KEYS) == said


def test_a_fault_nobody_foresaw_leads_to_the_guide() -> None:
    """Rather than to words for programmers."""
    assert explained("frozen_set_type", "x", 1, {}, KEYS) == "frozen set type; compare with README.md"
