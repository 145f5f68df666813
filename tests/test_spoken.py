"""A second person's yes by telephone: the words to their own phone, four digits back by voice, and no other way."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from night import ANNA, TIB, FortySixElks, Night, night
from service import ServiceMaker
from sqlalchemy import update

from broadcaster import audit, spoken
from broadcaster.auth.client import Client
from broadcaster.by_telephone import Telephone
from broadcaster.errors import Conflict, Forbidden, Invalid, Refusal
from broadcaster.spoken_table import spoken_yes

SENTENCE = "Felet gäller bara mobiltelefoner från Telia: ring från en fast telefon."
MACHINE = Client("key:vaxel", "vaxel", frozenset({"read", "send"}), "live", person=False, roles=frozenset())


@pytest.fixture
def duty(make_service: ServiceMaker, elks: FortySixElks) -> Iterator[Night]:
    """Return a night on which Anna is alone at the computer, and TiB has a telephone."""
    with night(make_service, elks) as found:
        yield found


@pytest.fixture
def telephone(duty: Night) -> Telephone:
    return Telephone(duty.service.parts.broadcasts)


@pytest.fixture
def waiting(duty: Night) -> dict[str, Any]:
    """Return an update with a sentence of Anna's own."""
    first = duty.service.send()
    duty.clock.advance(60)
    return duty.service.send("update", first["incident"], sentence=SENTENCE)


def send(duty: Night) -> int:
    return spoken.send_due(duty.service.parts.store, duty.bell)


def code_in(message: str) -> str:
    found = re.search(r"koden (\d{4})", message)
    assert found is not None, message
    return found[1]


def read_aloud(duty: Night, telephone: Telephone, waiting: dict[str, Any]) -> str:
    """Ask TiB, let the SMS go, and return the digits on TiB's phone."""
    telephone.ask(waiting["id"], "TiB", duty.service.anna)
    assert send(duty) == 1
    return code_in(duty.elks.phone(TIB)[-1])


def state(duty: Night, waiting: dict[str, Any]) -> str:
    return str(duty.service.message(waiting["id"])["state"])


def refusal(act: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value


class TestTheYes:
    def test_the_very_sentence_is_read_on_another_phone_before_it_is_public(
        self, duty: Night, telephone: Telephone, waiting: dict[str, Any]
    ) -> None:
        code = read_aloud(duty, telephone, waiting)
        sms = duty.elks.phone(TIB)[-1]
        assert f'"{SENTENCE}"' in sms and waiting["mark"] in sms and "Region Exempel" in sms
        assert state(duty, waiting) == "awaiting_approval"
        telephone.hear(waiting["id"], waiting["digest"], code, duty.service.anna)
        duty.service.pay()
        assert state(duty, waiting) == "published"
        assert any(SENTENCE in words for words in duty.service.posts())

    def test_it_is_in_the_log_who_asked_whom_for_which_words_and_who_said_yes(
        self, duty: Night, telephone: Telephone, waiting: dict[str, Any]
    ) -> None:
        telephone.hear(
            waiting["id"], waiting["digest"], read_aloud(duty, telephone, waiting), duty.service.anna
        )
        said = [one for one in duty.service.entries() if one["type"].startswith("yes:")]
        assert [one["type"] for one in said] == ["yes:asked", "yes:sent", "yes:given"]
        assert {one["digest"] for one in said if "digest" in one} == {waiting["digest"]}
        assert all("by" in said[at]["private"] for at in (0, 2))  # who asked, and who typed
        approved = next(one for one in duty.service.entries() if one["type"] == "message:approved")
        with duty.service.parts.store.reading() as transaction:
            assert list(audit.revealed(transaction, approved["private"].values()).values()) == ["duty:TiB"]  # not Anna
        view = duty.service.parts.board.situation(waiting["incident"]).messages[0]
        assert view.approved_by == "duty:TiB"

    def test_digits_may_be_typed_as_they_are_heard(
        self, duty: Night, telephone: Telephone, waiting: dict[str, Any]
    ) -> None:
        """In pairs, with spaces."""
        code = read_aloud(duty, telephone, waiting)
        spaced = f" {code[:2]} {code[2:]}"
        assert telephone.hear(waiting["id"], waiting["digest"], spaced, duty.service.anna).json["state"] == "sending"


class TestNoOtherWay:
    def test_whoever_made_it_cannot_be_the_one_who_is_asked(
        self, duty: Night, telephone: Telephone, waiting: dict[str, Any]
    ) -> None:
        for maker in ("anna", "user:anna", waiting["created_by"]):
            assert [one.name for one in telephone.who(maker)] == ["Bo", "TiB"]
        assert refusal(lambda: telephone.ask(waiting["id"], "Anna", duty.service.anna)).status == 422
        assert send(duty) == 0 and duty.elks.phone(ANNA) == []

    @pytest.mark.parametrize(
        "own",
        [
            {"name": "Anna Ek", "phone": ANNA, "user": "Anna"},  # on duty she is called otherwise than she signs in
            {"name": "KiB", "phone": "+46700000009"},  # and nobody said who that is
            {"name": "KiB", "phone": "070-000 00 01", "user": ""},  # her telephone once more
        ],
    )
    def test_nobody_is_asked_on_a_telephone_of_their_own_whatever_it_is_called(
        self, make_service: ServiceMaker, elks: FortySixElks, own: dict[str, str]
    ) -> None:
        people = [{"name": "A. Ek", "phone": ANNA, "user": "anna"}, own, {"name": "TiB", "phone": TIB, "user": ""}]
        with night(make_service, elks, people=people, steps=[{"tell": ["*"]}]) as found:
            telephone = Telephone(found.service.parts.broadcasts)
            assert [one.name for one in telephone.who("user:anna")] == ["TiB"]
            first = found.service.send()
            mine = found.service.send("update", first["incident"], sentence=SENTENCE)
            refused = refusal(lambda: telephone.ask(mine["id"], own["name"], found.service.anna))
            assert refused.status == 422

    def test_codes_cannot_be_guessed_over_many_messages(
        self, duty: Night, telephone: Telephone, waiting: dict[str, Any]
    ) -> None:
        """Whoever made them all has nine wrong ones a day, and then even the right one is worth nothing."""
        others = [duty.service.send("update", waiting["incident"], sentence=f"{SENTENCE} {n}") for n in range(4)]
        codes = [read_aloud(duty, telephone, one) for one in others]
        for one, code in zip(others, codes, strict=True):
            wrong = f"{(int(code) + 1) % 10_000:04}"
            for _ in range(3 if one is not others[-1] else 0):
                refusal(lambda one=one, wrong=wrong: telephone.hear(one["id"], one["digest"], wrong, duty.service.anna))
        last = others[-1]
        heard = refusal(lambda: telephone.hear(last["id"], last["digest"], codes[-1], duty.service.anna))
        asked = refusal(lambda: telephone.ask(waiting["id"], "TiB", duty.service.anna))
        assert heard.slug == asked.slug == "wrong-too-often"
        assert state(duty, last) == "awaiting_approval"

    def test_a_machine_can_neither_ask_nor_hear(
        self, duty: Night, telephone: Telephone, waiting: dict[str, Any]
    ) -> None:
        with pytest.raises(Forbidden):
            telephone.ask(waiting["id"], "TiB", MACHINE)
        code = read_aloud(duty, telephone, waiting)
        with pytest.raises(Forbidden):
            telephone.hear(waiting["id"], waiting["digest"], code, MACHINE)

    def test_three_wrong_codes_and_the_right_one_is_worth_nothing(
        self, duty: Night, telephone: Telephone, waiting: dict[str, Any]
    ) -> None:
        code = read_aloud(duty, telephone, waiting)
        wrong = f"{(int(code) + 1) % 10_000:04}"
        for _ in range(3):
            assert refusal(lambda: telephone.hear(waiting["id"], waiting["digest"], wrong, duty.service.anna)).slug == (
                "wrong-code"
            )
        assert refusal(lambda: telephone.hear(waiting["id"], waiting["digest"], code, duty.service.anna)).slug == (
            "no-code"
        )
        assert state(duty, waiting) == "awaiting_approval"

    def test_after_half_an_hour_the_code_is_worth_nothing(
        self, duty: Night, telephone: Telephone, waiting: dict[str, Any]
    ) -> None:
        code = read_aloud(duty, telephone, waiting)
        duty.clock.advance(spoken.LIVES.total_seconds())
        with pytest.raises(Conflict):
            telephone.hear(waiting["id"], waiting["digest"], code, duty.service.anna)

    def test_a_code_is_for_one_message_alone(self, duty: Night, telephone: Telephone, waiting: dict[str, Any]) -> None:
        other = duty.service.send("update", waiting["incident"], sentence="Något helt annat än det som TiB läste.")
        code = read_aloud(duty, telephone, waiting)
        with pytest.raises(Conflict):
            telephone.hear(other["id"], other["digest"], code, duty.service.anna)
        assert state(duty, other) == "awaiting_approval"

    def test_the_words_are_those_the_page_showed(
        self, duty: Night, telephone: Telephone, waiting: dict[str, Any]
    ) -> None:
        code = read_aloud(duty, telephone, waiting)
        with pytest.raises(Conflict):
            telephone.hear(waiting["id"], "sha256:" + "0" * 64, code, duty.service.anna)
        assert state(duty, waiting) == "awaiting_approval"

    def test_asking_again_makes_the_first_code_worthless_and_three_times_is_all(
        self, duty: Night, telephone: Telephone, waiting: dict[str, Any]
    ) -> None:
        codes = [read_aloud(duty, telephone, waiting) for _ in range(3)]
        assert refusal(lambda: telephone.ask(waiting["id"], "TiB", duty.service.anna)).slug == "asked-too-often"
        if codes[0] != codes[2]:
            with pytest.raises(Conflict):
                telephone.hear(waiting["id"], waiting["digest"], codes[0], duty.service.anna)
        answer = telephone.hear(waiting["id"], waiting["digest"], codes[2], duty.service.anna)
        assert answer.json["state"] == "sending"

    def test_a_message_in_approved_words_alone_is_asked_about_on_the_board(
        self, duty: Night, telephone: Telephone
    ) -> None:
        proposing = Client("key:larm", "larm", frozenset({"read", "propose"}), "live", person=False, roles=frozenset())
        body = duty.service.body(again=True)
        proposed = duty.service.parts.broadcasts.send(body, proposing, "k1").json
        assert refusal(lambda: telephone.ask(proposed["id"], "TiB", duty.service.anna)).slug == "no-sentence"

    def test_a_row_that_says_yes_for_the_maker_proves_nothing(
        self, duty: Night, telephone: Telephone, waiting: dict[str, Any]
    ) -> None:
        read_aloud(duty, telephone, waiting)
        with duty.service.parts.store.transaction() as transaction:
            transaction.execute(update(spoken_yes).values(person="anna", state="confirmed"))
        with pytest.raises(Forbidden):
            duty.service.parts.broadcasts.approve_spoken(
                waiting["id"], {"digest": waiting["digest"]}, duty.service.anna
            )


class TestTheSms:
    @pytest.mark.parametrize(("do", "shown"), [("error_500", "unsure"), ("token_dead", "failed")])
    def test_what_became_of_it_is_said_and_it_is_never_sent_twice_by_itself(
        self, duty: Night, telephone: Telephone, waiting: dict[str, Any], do: str, shown: str
    ) -> None:
        duty.elks.fail(do)
        telephone.ask(waiting["id"], "TiB", duty.service.anna)
        send(duty)
        assert send(duty) == 0
        with duty.service.parts.store.reading() as transaction:
            asked = spoken.asked_of(transaction, [waiting["id"]])[waiting["id"]]
        assert (asked.state, asked.person, asked.tries_left) == (shown, "TiB", 3)

    def test_one_that_a_dying_worker_left_half_sent_is_uncertain_and_the_code_holds(
        self, duty: Night, telephone: Telephone, waiting: dict[str, Any]
    ) -> None:
        telephone.ask(waiting["id"], "TiB", duty.service.anna)
        with duty.service.parts.store.transaction() as transaction:
            transaction.execute(update(spoken_yes).values(state="sending", code="4821"))
        duty.clock.advance(spoken.STUCK.total_seconds())
        assert send(duty) == 0 and duty.elks.phone(TIB) == []
        sent = [one["state"] for one in duty.service.entries() if one["type"] == "yes:sent"]
        assert sent == ["unsure"]
        answer = telephone.hear(waiting["id"], waiting["digest"], "4821", duty.service.anna)
        assert answer.json["state"] == "sending"

    def test_a_drill_says_so_before_anything_else(self, duty: Night, telephone: Telephone) -> None:
        first = duty.service.send(mode="drill")
        waiting = duty.service.send("update", first["incident"], mode="drill", sentence=SENTENCE)
        read_aloud(duty, telephone, waiting)
        assert duty.elks.phone(TIB)[-1].startswith("ÖVNING. ")

    def test_without_sms_nobody_can_be_asked(self, make_service: ServiceMaker, elks: FortySixElks) -> None:
        service = make_service()
        telephone = Telephone(service.parts.broadcasts)
        first = service.send()
        waiting = service.send("update", first["incident"], sentence=SENTENCE)
        assert telephone.who("user:anna") == ()
        with pytest.raises(Invalid):
            telephone.ask(waiting["id"], "TiB", service.anna)

