"""What a person reads about a letter: each reason is said of those it is about."""

import pytest

from broadcaster.channels import Reason
from broadcaster.channels._letter_words import letter_words

SILENT, NO_SUCH = "Servern svarade inte.", "Adressen eller numret finns inte."


def said(reason: Reason, missed: list[str], unsure: list[str]) -> str:
    tally = {"accepted": 2, "total": 2 + len(missed) + len(unsure), "missed": missed, "unsure": unsure}
    return letter_words(reason, tally).sv


@pytest.mark.parametrize(
    ("reason", "missed", "unsure", "words"),
    [
        (Reason.GONE, ["Arvika"], [], f"Har inte fått det: Arvika. {NO_SUCH}"),
        (Reason.GONE, ["Arvika"], ["P4"], f"Har inte fått det: Arvika. {NO_SUCH}"),
        (Reason.NETWORK, ["Arvika"], ["P4"], f"Oklart om de har fått det: P4. {SILENT}"),
        (Reason.NETWORK, [], ["P4"], f"Oklart om de har fått det: P4. {SILENT}"),
    ],
)
def test_a_reason_stands_beside_those_it_is_about(
    reason: Reason, missed: list[str], unsure: list[str], words: str
) -> None:
    """A server that was silent about one is no reason why another was refused."""
    found = said(reason, missed, unsure)
    assert words in found
    assert found.count(SILENT) + found.count(NO_SUCH) == 1


def test_who_may_have_it_is_not_sent_it_again() -> None:
    assert "Vi skickar inte till dem igen." in said(Reason.NETWORK, [], ["P4"])
    assert "Vi skickar inte till dem igen." not in said(Reason.GONE, ["Arvika"], [])
