"""The alarm on the desk: whether it would wake somebody, one button to try it, and in red who was not reached."""

from collections.abc import Callable, Iterator

import pytest
from night import ANNA, FortySixElks, Night, night
from service import ServiceMaker
from visitor import Visitor


@pytest.fixture
def duty(make_service: ServiceMaker, elks: FortySixElks) -> Iterator[Night]:
    with night(make_service, elks) as found:
        yield found


@pytest.fixture
def sign_in(duty: Night) -> Callable[[str, str], Visitor]:
    """Return what signs somebody new in with a role."""

    def begin(name: str, role: str) -> Visitor:
        duty.service.add_person(name, role)
        visitor = Visitor(duty.service)
        visitor.sign_in(name)
        return visitor

    return begin


@pytest.mark.parametrize("role", ["sender", "administrator"])
def test_one_button_tests_the_alarm_and_the_desk_says_how_it_went(
    duty: Night, elks: FortySixElks, sign_in: Callable[[str, str], Visitor], role: str
) -> None:
    anna = sign_in("anna", role)
    assert "Larmet är aldrig provat." in anna.open("/desk").line
    assert "Ett prov pågår" in anna.press(anna.open("/desk"), "/desk/alarm-test").line
    duty.tell()
    assert duty.woken() == [ANNA]
    elks.report(elks.sent[0], "delivered")
    assert "Senaste provet nådde fram." in anna.open("/desk").line


def test_whoever_may_only_read_sees_how_it_is_and_has_no_button(
    duty: Night, sign_in: Callable[[str, str], Visitor]
) -> None:
    page = sign_in("dag", "auditor").open("/desk")
    assert "Larmet är aldrig provat." in page.line and not page.has_form("/desk/alarm-test")


def test_who_was_not_reached_stands_in_red_with_why_and_since_when(
    duty: Night, elks: FortySixElks, sign_in: Callable[[str, str], Visitor]
) -> None:
    elks.account(credit=0)
    duty.raise_one()
    duty.tell()
    page = sign_in("anna", "sender").open("/desk")
    why = "svarade 403: pengarna hos 46elks är slut, eller så får kontot inte skicka"
    assert f"Anna, sms: ✕ kom inte fram 02.40.00 {why}" in page.line
    assert 'class="tag bad"' in page.html
