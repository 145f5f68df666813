"""Why an alarm did not get through, in words that whoever reads the page understands."""

import pytest

from broadcaster.alarm import _Unsafe, why
from broadcaster.desk.unreached import _SAID, unreached
from broadcaster.elks import proof


@pytest.mark.parametrize("status", [400, 401, 402, 403])
def test_every_refusal_of_the_sms_provider_is_said_in_swedish_too(status: int) -> None:
    said = unreached(f"sms: {proof(status, b'').why}")
    assert said.en.startswith(f"sms: answered {status}: ")
    assert said.sv.startswith(f"sms: svarade {status}: ")
    assert not set(said.sv.split()) & {"the", "is", "no", "or", "not", "answered"}


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"id": "s1", "status": "failed"}'])
def test_an_answer_that_proves_nothing_is_said_in_swedish_too(body: bytes) -> None:
    said = unreached(proof(200, body).why)
    assert said.sv != said.en
    assert not set(said.sv.split()) & {"answered", "nothing", "without", "failed", "once"}


def test_several_ways_that_failed_are_all_said() -> None:
    kept = f"email: {why(_Unsafe('the mail server offers no encryption, so the password is not sent to it'))}"
    said = unreached(f"{kept}; sms: answered 402: no credit left at 46elks; webhook: answered 500")
    assert said.sv == (
        "email: e-postservern erbjuder ingen kryptering, så lösenordet skickas inte till den; "
        "sms: svarade 402: pengarna hos 46elks är slut; webhook: svarade 500"
    )


def test_the_name_of_a_fault_stays_as_the_library_says_it() -> None:
    """Whoever runs the service looks it up under that name."""
    assert unreached("ConnectTimeout").sv == "ConnectTimeout"
    assert unreached(None).sv == ""


def test_no_sentence_hides_a_longer_one() -> None:
    words = list(_SAID)
    assert not [(a, b) for at, a in enumerate(words) for b in words[at + 1 :] if a in b]
