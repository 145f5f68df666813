"""One person, one name, however it is typed."""

import pytest

from broadcaster.auth import names


@pytest.mark.parametrize("typed", ["Anna", " anna ", "ANNA\n", "anna"])
def test_a_phone_keyboard_that_adds_capitals_and_spaces_changes_nothing(typed: str) -> None:
    assert names.tidy(typed) == "anna"


@pytest.mark.parametrize("name", ["anna", "a1", "anna.b@region.example", "0-9_x", "a" * 63])
def test_names_and_mail_addresses_can_be_used(name: str) -> None:
    assert names.fault(name) is None


@pytest.mark.parametrize(
    "name", ["", "a", ".anna", "@anna", "anna b", "åsa", "Anna", "a" * 64, "anna\n", "anna\0", "а" * 4, "a:b"]
)
def test_a_name_that_could_be_mistaken_for_another_is_refused_and_says_why(name: str) -> None:
    fault = names.fault(name)
    assert fault is not None and fault.pointer == "/name" and "2–63" in fault.message.sv
