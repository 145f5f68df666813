"""What other systems sort by, in words that an approver can judge."""

from typing import Any, get_args

import pytest

from broadcaster.desk.sorting import sorting
from broadcaster.manuscript import UNSORTED, Cap, CapCategory, CapResponse

PLAIN = {
    name: get_args(Cap.model_fields[name].annotation) for name in ("severity", "urgency", "certainty")
}  # what the standard lets each be
LISTS = {"category": get_args(CapCategory), "response": get_args(CapResponse)}


@pytest.mark.parametrize(("name", "value"), [(name, one) for name, known in PLAIN.items() for one in known])
def test_every_word_of_the_standard_is_said_in_ours(name: str, value: str) -> None:
    changed: dict[str, Any] = {name: value}
    said = [answer for _, answer in sorting(UNSORTED.model_copy(update=changed))]
    assert any(answer.endswith(f" ({value})") and len(answer) > len(value) + 3 for answer in said)


@pytest.mark.parametrize("name", LISTS)
def test_all_of_several_are_said(name: str) -> None:
    changed: dict[str, Any] = {name: list(LISTS[name])}
    said = " ".join(answer for _, answer in sorting(UNSORTED.model_copy(update=changed)))
    assert [one for one in LISTS[name] if f"({one})" not in said] == []


def test_what_nobody_has_sorted_says_so() -> None:
    assert dict(sorting(UNSORTED)) == {
        "Slag": "hälsa och vård (Health)",
        "Allvar": "okänt (Unknown)",
        "Brådska": "okänt (Unknown)",
        "Hur säkert det är": "okänt (Unknown)",
    }
