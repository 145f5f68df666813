"""What `check` says of the alarm: the ways, the roster, the weekly test, and who was not reached."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from broadcaster import answering, app, audit, callout, weekly
from broadcaster.alarm import raise_alarm
from broadcaster.commands.wiring import Wiring
from broadcaster.errors import Text
from broadcaster.roster import Roster
from broadcaster.sandbox import Sandbox
from broadcaster.sandbox.elks import PASSWORD, USER
from broadcaster.store import Transaction

Operator = Any
ANNA, BO, OURS = "+46700000001", "+46700000002", "+46766861234"
SECRET = "BROADCASTER_ALARM_REPLY_SECRET"
NOW = datetime.now(UTC)


@pytest.fixture
def elks() -> Iterator[Sandbox]:
    """An imitation 46elks that reports nothing by itself."""
    with Sandbox() as running:
        running.state.elks.put({"reports": False})
        yield running

#: What says of somebody that they never sign in.
NEVER = ', user = ""'


class Duty:
    """A region with a roster of two: what its worker did at some time in the past, and what `check` says now."""

    def __init__(self, operator: Operator, elks: Sandbox) -> None:
        self.operator, self.elks = operator, elks
        self.operator.environ |= {"BROADCASTER_46ELKS_USER": USER, "BROADCASTER_46ELKS_PASSWORD": PASSWORD}
        self._init = (operator.folder / "settings.toml").read_text("utf-8")
        self.settle()

    def settle(
        self, *, anna: str = ANNA, sms: str = "RVKris", steps: tuple[str, ...] = ("Anna", "*"), user: str = NEVER
    ) -> None:
        """Write the roster into the settings that `init` made."""
        told = "\n".join(f'[[alarm.steps]]\ntell = ["{name}"]' for name in steps)
        people = f'people = [{{name = "Anna", phone = "{anna}"{user}}}, {{name = "Bo", phone = "{BO}"{user}}}]'
        alarm = f'[alarm]\n{people}\nsms = "{sms}"\nsms_url = "{self.elks.url}/elks"\n{told}\n'
        before, rest = self._init.split("[alarm]")
        text = before + alarm + "\n[channels.own_web]" + rest.partition("\n[channels.own_web]")[2]
        (self.operator.folder / "settings.toml").write_text(text, "utf-8")

    def work(self, at: datetime, act: Callable[[Transaction], object]) -> None:
        """Let something happen, and the worker tell what is due, at `at`."""
        wiring = Wiring(self.operator.environ)
        parts = app.build(wiring.settings, clock=lambda: at)
        with parts.store.transaction() as transaction:
            act(transaction)
        callout.tell_due(parts.store, app.bell(wiring.settings, self.operator.environ))
        parts.store.close()

    def phone_has_it(self, at: datetime) -> None:
        """Take the report that the last SMS is on a phone."""
        address = self.elks.state.elks.all()[-1].when_delivered or ""
        roster = Roster.of(Wiring(self.operator.environ).settings)
        token = address.rpartition("/")[2]
        self.work(at, lambda transaction: answering.delivered(transaction, roster, token, "delivered"))

    def check(self, *words: str) -> list[str]:
        """Return the lines about the alarm."""
        return [line for line in self.all(*words) if line.startswith("alarm: ")]

    def all(self, *words: str) -> list[str]:
        """Return every line."""
        return list(self.operator.type("check", *words).output.splitlines())

    def attention(self) -> int:
        """Return how many things need attention; the playbooks nobody approved are two of them."""
        return int(self.all()[-1].removesuffix(" things need attention"))


@pytest.fixture
def duty(operator: Operator, elks: Sandbox) -> Duty:
    """A roster that nobody has tried."""
    return Duty(operator, elks)


def ask(transaction: Transaction) -> None:
    """Press the button that tests the alarm."""
    assert weekly.ask(transaction, "user:admin")


def nothing(transaction: Transaction) -> None:
    """Let only time pass."""


def trouble(transaction: Transaction) -> None:
    """Raise an alarm about the service."""
    raise_alarm(transaction, "service", Text("Databasen är full.", "The database is full."))


class TestTheWeeklyTest:
    def test_one_that_was_never_made_is_amber(self, duty: Duty) -> None:
        assert duty.check() == [
            "alarm: weekly test: amber: The alarm was never tested.",
            "alarm: sms (try it with --test-alarm)",
        ]

    def test_one_that_is_under_way_is_amber(self, duty: Duty) -> None:
        duty.work(NOW - timedelta(minutes=5), ask)
        assert duty.check()[0].startswith("alarm: weekly test: amber: A test is running: no report yet. (20")

    def test_one_that_a_phone_has_is_green_with_the_hour_it_was_made(self, duty: Duty) -> None:
        at = NOW - timedelta(days=2)
        duty.work(at, ask)
        duty.phone_has_it(at + timedelta(seconds=9))
        local = at.astimezone(Wiring(duty.operator.environ).settings.zone)
        assert duty.check()[0] == f"alarm: weekly test: green: The last test got through. ({local:%Y-%m-%d %H:%M})"

    def test_one_of_the_week_before_is_amber_again(self, duty: Duty) -> None:
        at = NOW - timedelta(days=9)
        duty.work(at, ask)
        duty.phone_has_it(at + timedelta(seconds=9))
        assert duty.check()[0].startswith("alarm: weekly test: amber: The alarm was not tested for over a week.")

    def test_one_that_reached_nobody_is_red_and_needs_attention(self, duty: Duty) -> None:
        before = duty.attention()
        duty.work(NOW - timedelta(hours=2), ask)
        duty.work(NOW - timedelta(hours=1), nothing)
        assert "alarm: weekly test: red: The last test reached nobody." in " ".join(duty.check())
        assert duty.attention() == before + 1


class TestWhoWasNotReached:
    def test_it_names_who_and_how_and_why_and_since_when_and_counts(self, duty: Duty) -> None:
        before = duty.attention()
        duty.elks.state.elks.put({"reports": False, "credit": 0})
        duty.work(NOW - timedelta(minutes=9), trouble)
        (line,) = [line for line in duty.check() if "NOT DELIVERED" in line]
        start = "alarm: NOT DELIVERED: the service: Anna by sms: failed"
        why = "(answered 403: no credit left at 46elks, or not allowed)"
        assert line.startswith(f"{start} {why} since 20")
        assert duty.attention() == before + 1

    def test_an_sms_nothing_was_heard_of_is_one_of_them(self, duty: Duty) -> None:
        duty.settle(steps=("Anna", "Bo"))
        duty.work(NOW - timedelta(minutes=9), trouble)
        assert "NOT DELIVERED" not in " ".join(duty.check())
        duty.work(NOW - timedelta(minutes=7), nothing)
        assert "NOT DELIVERED: the service: Anna by sms: missing since" in " ".join(duty.check())


class TestTheSettings:
    def test_what_is_wrong_with_the_roster_is_a_warning(self, duty: Duty) -> None:
        duty.settle(anna="070-123 45 67", steps=("Annna", "*"))
        said, give = duty.check(), "Give them a phone (with sms) or email (with smtp and sender)."
        assert [line for line in said if line.startswith("alarm: warning:")] == [
            "alarm: warning: Step 1 tells 'Annna', who is neither among people nor in the rota. Correct the name.",
            "alarm: warning: Anna: the number '070-123 45 67' cannot be sent an SMS. Write it like +46701234567.",
            f"alarm: warning: Anna cannot be reached in any way set up. {give}",
        ]

    def test_whose_yes_by_telephone_could_be_ones_own_is_a_warning(self, duty: Duty) -> None:
        """Whoever makes a message is known by the name they sign in with, or not at all."""
        duty.settle(user="")
        assert any("nobody can be asked for a yes by telephone" in line for line in duty.check())
        duty.settle(user=', user = "ana"')
        assert "alarm: warning: Anna: nobody signs in as ana" in "\n".join(duty.check())

    def test_a_number_that_can_be_answered_and_hears_nothing_is_a_warning(self, duty: Duty) -> None:
        duty.settle(sms=OURS)
        warning = f"alarm: warning: sms is a number, but no answer comes in: set {SECRET}"
        assert warning in duty.check()
        duty.operator.environ[SECRET] = "reply-secret-for-tests-0123456789abcdef"
        assert warning not in duty.check()
        duty.operator.environ[SECRET] = "kort-hemlighet"
        assert any(SECRET in line and "32 to 128" in line for line in duty.check())

    def test_an_account_that_is_missing_is_trouble(self, duty: Duty) -> None:
        before = duty.attention()
        del duty.operator.environ["BROADCASTER_46ELKS_PASSWORD"]
        (line,) = duty.check()
        assert line.startswith("alarm: BROADCASTER_46ELKS_PASSWORD is missing or a placeholder")
        assert duty.attention() == before + 1

    def test_the_password_of_the_imitation_opens_no_real_account(self, duty: Duty) -> None:
        file = duty.operator.folder / "settings.toml"
        kept = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("sms_url")]
        file.write_text("\n".join(kept), "utf-8")
        (line,) = duty.check()
        assert "BROADCASTER_46ELKS_PASSWORD is an imitation's published token" in line


class TestTryingIt:
    def test_everybody_has_it_on_the_phone_and_the_log_says_that_it_was_tried(self, duty: Duty) -> None:
        assert duty.check("--test-alarm")[-1] == "alarm: sent by sms"
        every = duty.elks.state.elks.all()
        assert [sms.to for sms in every] == [ANNA, BO]
        assert {sms.message for sms in every} == {"PROV: Det här är ett prov av larmet. Du behöver inte göra något."}
        with Wiring(duty.operator.environ).store().reading() as transaction:
            assert any(b'"alarm:tested"' in entry for _, entry in audit.entries(transaction))

    def test_what_was_refused_is_said_for_each_and_carries_no_number(self, duty: Duty) -> None:
        duty.elks.state.elks.put({"credit": 3500})
        (line,) = [line for line in duty.check("--test-alarm") if "FAILED" in line]
        assert line == "alarm: FAILED: sms: answered 403: no credit left at 46elks, or not allowed"
