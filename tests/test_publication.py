"""What callers hear and what the world may follow: the newest that stands, proved, and never older words again."""

from typing import Any

import pytest
from service import Service, ServiceMaker
from sqlalchemy import update
from test_situation import SENTENCE

from broadcaster.publication import Announcement
from broadcaster.tables import delivery, incident, message

DAY = 24 * 3600


def heard(service: Service, language: str = "sv") -> list[Announcement]:
    return [one for one in service.parts.board.publication().announcements if one.language == language]


def marks(service: Service, language: str = "sv") -> list[str]:
    return [one.mark for one in heard(service, language)]



def change(service: Service, table: Any, where: Any, **values: Any) -> None:
    """Change rows behind the service's back."""
    with service.parts.store.transaction() as transaction:
        transaction.execute(update(table).where(where).values(**values))


class TestWhatCallersHear:
    def test_from_the_moment_it_is_accepted_in_each_language(self, service: Service) -> None:
        """A telephone system that polls need not wait for the one we push to."""
        sent = service.send()
        assert marks(service) == marks(service, "en") == [sent["mark"]]
        assert heard(service)[0].words.startswith("Du har ringt elva sjuttiosju")
        assert heard(service, "en")[0].words.startswith("You have called eleven seventy-seven")
        service.pay()
        assert marks(service) == [sent["mark"]]

    def test_the_newest_message_replaces_the_one_before(self, service: Service) -> None:
        ref = service.send()["incident"]
        service.pay()
        for number, phase in enumerate(("update", "correction", "all_clear"), 2):
            service.clock.advance(600)
            service.send(phase, ref)
            assert marks(service) == [f"{ref}/{number}"]

    def test_a_recall_of_the_newest_leaves_silence_and_brings_no_older_words_back(self, service: Service) -> None:
        ref = service.send()["incident"]
        newest = service.send("update", ref)
        service.parts.broadcasts.recall(newest["id"], {"reason": "fel"}, service.anna)
        assert marks(service) == []

    def test_a_recall_of_an_older_one_changes_nothing(self, service: Service) -> None:
        first = service.send()
        service.send("update", first["incident"])
        service.parts.broadcasts.recall(first["id"], {"reason": "fel"}, service.anna)
        assert marks(service) == [f"{first['incident']}/2"]

    def test_an_end_that_is_not_told_by_phone_ends_what_the_phone_says(self, service: Service) -> None:
        ref = service.send()["incident"]
        service.send("all_clear", ref, channels=["own_web", "facebook"])
        assert marks(service) == []

    def test_an_update_that_is_not_told_by_phone_leaves_what_the_phone_says(self, service: Service) -> None:
        ref = service.send()["incident"]
        service.send("update", ref, channels=["own_web", "facebook"])
        assert marks(service) == [f"{ref}/1"]

    def test_a_phone_that_the_crisis_has_struck_says_nothing(self, service: Service) -> None:
        service.send(affected=["1177_phone"])
        assert marks(service) == []

    def test_an_all_clear_is_heard_for_a_day_and_a_crisis_as_long_as_it_lasts(self, service: Service) -> None:
        ref = service.send()["incident"]
        service.pay()
        service.clock.advance(3 * DAY)
        assert marks(service) == [f"{ref}/1"]
        service.send("all_clear", ref)
        service.clock.advance(DAY - 1)
        assert [(one.mark, one.over) for one in heard(service)] == [(f"{ref}/2", True)]
        service.clock.advance(1)
        assert marks(service) == []

    def test_what_is_going_on_is_heard_before_what_has_ended_the_newest_first(self, service: Service) -> None:
        old = service.send()["incident"]
        service.clock.advance(600)
        new = service.send(playbook="it-avbrott-journal")["incident"]
        assert marks(service) == [f"{new}/1", f"{old}/1"]
        service.pay()
        service.clock.advance(600)
        service.send("all_clear", new, playbook="it-avbrott-journal")
        assert marks(service) == [f"{old}/1", f"{new}/2"]

    def test_words_nobody_approved_are_not_heard(self, service: Service) -> None:
        service.send()
        swedish = (delivery.c.channel == "1177_phone") & (delivery.c.language == "sv")
        change(service, delivery, swedish, words="Allt är bra.")
        assert marks(service) == []
        assert len(marks(service, "en")) == 1

    def test_a_drill_and_what_waits_for_a_yes_are_not_heard(self, service: Service) -> None:
        service.send(mode="drill")
        assert marks(service) == []
        ref = service.send()["incident"]
        service.send("update", ref, sentence=SENTENCE)
        assert marks(service) == [f"{ref}/1"]

    def test_without_a_phone_channel_there_is_nothing_to_hear(self, make_service: ServiceMaker) -> None:
        service = make_service(channels={"own_web": {"kind": "own_web"}})
        service.send()
        assert marks(service) == []
        assert len(service.parts.board.publication().messages) == 3  # our own page in three languages

    def test_a_person_may_be_the_one_who_records_it(self, make_service: ServiceMaker) -> None:
        manual = {"kind": "manual", "assignee": "växeln"}
        service = make_service(channels={"own_web": {"kind": "own_web"}, "1177_phone": manual})
        sent = service.send()
        assert service.state(sent["id"], "1177_phone") == "needs_person"
        assert marks(service) == [sent["mark"]]


class TestWhatIsFollowed:
    def test_what_decided_a_message_cannot_be_changed_behind_it(self, service: Service) -> None:
        """A changed phase would turn an alert into its own cancellation."""
        service.send()
        change(service, delivery, delivery.c.channel == "own_web", phase="false_alarm")
        assert service.parts.board.publication().messages == ()

    def test_a_live_incident_made_of_a_drill_is_not_followed(self, service: Service) -> None:
        service.send(mode="drill")
        change(service, incident, incident.c.mode == "drill", mode="live")
        assert service.parts.board.publication().messages == ()

    def test_when_something_last_changed_is_known_even_when_nothing_is_left_to_show(self, service: Service) -> None:
        assert service.parts.board.publication().changed_at is None
        sent = service.send()
        service.clock.advance(600)
        service.parts.broadcasts.recall(sent["id"], {"reason": "fel"}, service.anna)
        recalled_at = service.clock.now()
        service.clock.advance(2 * DAY)
        found = service.parts.board.publication()
        assert (found.messages, found.changed_at) == ((), recalled_at)
        service.send(mode="drill")
        assert service.parts.board.publication().changed_at == recalled_at

    def test_a_recall_long_after_the_end_is_shown(self, service: Service) -> None:
        first = service.send()
        service.send("all_clear", first["incident"])
        service.clock.advance(3 * DAY)
        assert service.parts.board.publication().messages == ()
        service.parts.broadcasts.recall(first["id"], {"reason": "fel"}, service.anna)
        assert {(one.mark, one.recalled) for one in service.parts.board.publication().messages} == {
            (f"{first['incident']}/1", True),
            (f"{first['incident']}/2", False),
        }

    def test_how_long_a_message_is_useful_does_not_change_when_it_is_sent_late(self, service: Service) -> None:
        sent = service.send()
        before = service.parts.board.publication().messages[0].expires_at
        service.clock.advance(3600)
        service.pay()
        assert service.parts.board.publication().messages[0].expires_at == before
        assert sent["mark"] == service.parts.board.publication().messages[0].mark


@pytest.mark.parametrize("name", ["blanks", "accepted_at"])
def test_a_changed_choice_makes_the_words_vanish(service: Service, name: str) -> None:
    sent = service.send(blanks={"reservnummer": "010-000 00 00"})
    assert len(heard(service)) == 1
    values = {"blanks": {"reservnummer": "010-999 99 99"}} if name == "blanks" else {"accepted_at": None}
    change(service, message, message.c.id == sent["id"], **values)
    assert heard(service) == [] and service.parts.board.publication().messages == ()
