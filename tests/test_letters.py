"""What becomes of one recipient, and of the whole letter, after every answer: the pure rule."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from broadcaster.channels import Fact, Outcome, Reason, Step
from broadcaster.letters import (
    EXTRA_AFTER_S,
    REACHED,
    Has,
    Recipient,
    after_call,
    given_up,
    gives_way,
    others_after,
    tally,
    whole,
)
from broadcaster.standing import ENDED, Policy, State

NOW = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
SILENCE, DUPLICATE = Policy(330, 900, "silence"), Policy(330, 900, "duplicate")
P4 = Recipient(1, "P4", Has.SENDING, tries=1, doubts=0, next_at=None)
UNSURE = Outcome(Fact.UNCERTAIN, Reason.NETWORK)
NOT_SENT = Outcome(Fact.NOT_SENT, Reason.NETWORK)
DONE = Outcome(Fact.DONE, remote_id="queued as 7")


def refused(reason: Reason, wait_s: float | None = None) -> Outcome:
    return Outcome(Fact.REFUSED, reason, wait_s=wait_s)


def some(*have: Has, reason: Reason = Reason.NONE) -> list[Recipient]:
    """Return recipients who have these; those who are owed it are due now."""
    return [
        Recipient(number, f"R{number}", has, 1, 0, NOW if has is Has.OWED else None, reason)
        for number, has in enumerate(have, 1)
    ]


class TestOneRecipient:
    """Never twice where silence is preferred, at most twice where a duplicate is."""

    def test_what_was_accepted_is_never_asked_for_again(self) -> None:
        found = after_call(P4, DONE, NOW, SILENCE, 0.5)
        assert (found.has, found.next_at, found.remote_id) == (Has.ACCEPTED, None, "queued as 7")

    def test_what_never_left_is_tried_again_with_growing_waits(self) -> None:
        waits = [after_call(replace(P4, tries=tries), NOT_SENT, NOW, SILENCE, 1.0).next_at for tries in (1, 2, 3, 99)]
        assert waits == [NOW + timedelta(seconds=seconds) for seconds in (0, 1, 2, 60)]

    def test_a_wait_the_server_names_is_kept(self) -> None:
        found = after_call(P4, refused(Reason.SERVER, 60), NOW, SILENCE, 0.0)
        assert (found.has, found.next_at) == (Has.OWED, NOW + timedelta(seconds=60))

    def test_a_refusal_is_for_good_and_certain(self) -> None:
        assert after_call(P4, refused(Reason.GONE), NOW, SILENCE, 0.5).has is Has.MISSED

    def test_silence_leaves_out_who_may_have_it(self) -> None:
        found = after_call(P4, UNSURE, NOW, SILENCE, 0.5)
        assert (found.has, found.doubts, found.next_at) == (Has.UNSURE, 1, None)

    def test_a_duplicate_is_risked_once_and_later_and_never_again(self) -> None:
        once = after_call(P4, UNSURE, NOW, DUPLICATE, 0.5)
        assert (once.has, once.next_at) == (Has.OWED, NOW + timedelta(seconds=EXTRA_AFTER_S))
        assert after_call(once, UNSURE, NOW, DUPLICATE, 0.5).has is Has.UNSURE
        assert after_call(once, DONE, NOW, DUPLICATE, 0.5).has is Has.ACCEPTED

    def test_a_refusal_after_a_doubt_proves_nothing_about_the_doubt(self) -> None:
        once = after_call(P4, UNSURE, NOW, DUPLICATE, 0.5)
        assert after_call(once, refused(Reason.GONE), NOW, DUPLICATE, 0.5).has is Has.UNSURE

    @pytest.mark.parametrize("policy", [SILENCE, DUPLICATE], ids=["silence", "duplicate"])
    def test_however_long_it_goes_on_at_most_one_extra_may_have_arrived(self, policy: Policy) -> None:
        """Every row of five answers: the calls that may have reached somebody are one, or two where that is allowed."""
        answers = (DONE, NOT_SENT, UNSURE, refused(Reason.GONE), refused(Reason.RATE, 1))
        most = 2 if policy is DUPLICATE else 1
        for row in product(answers, repeat=5):
            one, may_have_arrived = replace(P4, has=Has.OWED), 0
            for got in row:
                if one.has is not Has.OWED:
                    break
                one = after_call(replace(one, has=Has.SENDING), got, NOW, policy, 0.5)
                may_have_arrived += got.fact in (Fact.DONE, Fact.UNCERTAIN)
            assert may_have_arrived <= most
            assert one.has is not Has.MISSED or may_have_arrived == 0
            assert one.has not in (Has.ACCEPTED, Has.UNSURE) or may_have_arrived > 0


class TestTheOthers:
    """One recipient's trouble is nobody else's, unless it is the server's or the account's."""

    def test_a_server_that_is_away_is_away_for_all(self) -> None:
        one = after_call(P4, NOT_SENT, NOW, SILENCE, 1.0)
        later = replace(one, next_at=NOW + timedelta(seconds=8))
        held = others_after([later, *some(Has.OWED, Has.ACCEPTED)[1:], Recipient(3, "T", Has.OWED, 0, 0, NOW)], later,
                            NOT_SENT)  # fmt: skip
        assert [(other.number, other.next_at) for other in held] == [(3, NOW + timedelta(seconds=8))]

    def test_too_many_calls_hold_up_all_and_a_busy_mailbox_only_itself(self) -> None:
        everybody = some(Has.OWED, Has.OWED)
        for reason, held in ((Reason.RATE, 1), (Reason.BLOCKED, 1), (Reason.SERVER, 0)):
            got = refused(reason, 60)
            one = after_call(replace(everybody[0], has=Has.SENDING), got, NOW, SILENCE, 0.0)
            assert len(others_after(everybody, one, got)) == held

    def test_a_dead_key_stops_all_before_the_account_is_locked(self) -> None:
        everybody = some(Has.OWED, Has.OWED, Has.ACCEPTED)
        for reason, stopped in ((Reason.TOKEN, [2]), (Reason.PERMISSION, [2]), (Reason.GONE, [])):
            one = after_call(replace(everybody[0], has=Has.SENDING), refused(reason), NOW, SILENCE, 0.0)
            found = others_after(everybody, one, refused(reason))
            assert [(other.number, other.has) for other in found] == [(number, Has.MISSED) for number in stopped]


class TestTheWholeLetter:
    """Published means that all have it; whoever is left is a person's task that names them."""

    def test_all_have_it(self) -> None:
        found = whole(State.OWED, "publish", some(Has.ACCEPTED, Has.ACCEPTED, Has.BY_HAND))
        assert (found.state, found.step, found.receipt, found.remote_id) == (State.PUBLISHED, None, True, "3/3")

    def test_as_long_as_somebody_is_owed_it_the_machine_goes_on(self) -> None:
        found = whole(State.OWED, "publish", some(Has.ACCEPTED, Has.MISSED, Has.OWED))
        assert (found.state, found.step, found.at) == (State.RETRYING, Step.SEND, NOW)
        doubted = [replace(one, doubts=1) for one in some(Has.OWED)]
        assert whole(State.OWED, "publish", doubted).state is State.UNCERTAIN
        fresh = [replace(one, tries=0) for one in some(Has.OWED)]
        assert whole(State.OWED, "publish", fresh).state is State.OWED

    @pytest.mark.parametrize("left", [Has.MISSED, Has.UNSURE])
    def test_one_who_is_left_is_told_to_a_person_by_name(self, left: Has) -> None:
        found = whole(State.OWED, "publish", some(Has.ACCEPTED, left, reason=Reason.GONE))
        assert (found.state, found.tell, found.reason) == (State.NEEDS_PERSON, True, Reason.GONE)
        assert found.tally is not None
        assert "R2" in (*found.tally["missed"], *found.tally["unsure"])

    def test_out_of_time_is_expired_only_where_it_reached_nobody(self) -> None:
        late = given_up(some(Has.OWED, Has.OWED), Reason.LATE)
        assert whole(State.OWED, "publish", late).state is State.EXPIRED
        assert whole(State.OWED, "publish", [*some(Has.ACCEPTED), *late]).state is State.NEEDS_PERSON

    def test_what_is_given_up_while_a_call_runs_is_in_doubt(self) -> None:
        assert [one.has for one in given_up(some(Has.OWED, Has.SENDING, Has.ACCEPTED), Reason.LATE)] == [
            Has.MISSED,
            Has.UNSURE,
        ]

    def test_what_is_taken_back_is_a_persons_task_where_anybody_may_have_it(self) -> None:
        for has in Has:
            found = whole(State.UNCERTAIN, "withdraw", some(has, Has.DROPPED))
            assert found.state is (State.NEEDS_PERSON if has in REACHED else State.SUPERSEDED)
            assert found.tell is (has in REACHED)

    @pytest.mark.parametrize("state", sorted(ENDED))
    def test_what_is_over_stays_over(self, state: State) -> None:
        for intent in ("publish", "withdraw"):
            found = whole(state, intent, some(Has.ACCEPTED, Has.DROPPED))  # type: ignore[arg-type]
            assert (found.state, found.step, found.at) == (state, None, None)

    def test_the_tally_has_names_and_no_more_than_it_must(self) -> None:
        assert tally(some(Has.ACCEPTED, Has.BY_HAND, Has.MISSED, Has.UNSURE, Has.DROPPED)) == {
            "accepted": 2,
            "total": 5,
            "missed": ["R3"],
            "unsure": ["R4"],
        }

    @pytest.mark.parametrize("newer", ["update", "correction", "false_alarm", "all_clear"])
    def test_a_newer_letter_takes_the_place_of_all_but_a_correction(self, newer: str) -> None:
        assert gives_way("first", newer)
        assert gives_way("update", newer)
        assert gives_way("correction", newer) is (newer == "correction")
