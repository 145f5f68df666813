"""The next message begins with what the last one that stands was made of, and with nothing that was taken back."""

from service import Service

from broadcaster.last_said import last_blanks


def known(service: Service, ref: str) -> dict[str, str]:
    with service.parts.store.reading() as transaction:
        return dict(last_blanks(transaction, ref))


def test_the_newest_accepted_message_is_the_last_word(service: Service) -> None:
    ref = service.send(blanks={"reservnummer": "054-61 50 00"})["incident"]
    assert known(service, ref) == {"reservnummer": "054-61 50 00"}
    service.send("update", ref, blanks={"reservnummer": "010-000 00 00"})
    assert known(service, ref) == {"reservnummer": "010-000 00 00"}


def test_what_waits_for_a_yes_or_was_recalled_says_nothing(service: Service) -> None:
    ref = service.send(blanks={"reservnummer": "054-61 50 00"})["incident"]
    service.send("update", ref, blanks={"reservnummer": "010-000 00 00"}, sentence="Vi har hittat felet.")
    assert known(service, ref) == {"reservnummer": "054-61 50 00"}
    newer = service.send("update", ref, blanks={"reservnummer": "010-000 00 01"})
    service.parts.broadcasts.recall(newer["id"], {"reason": "Fel nummer."}, service.anna, "recall-1")
    assert known(service, ref) == {"reservnummer": "054-61 50 00"}


def test_another_incident_or_none_says_nothing(service: Service) -> None:
    service.send(blanks={"reservnummer": "054-61 50 00"})
    other = service.send(again=True)["incident"]
    assert known(service, other) == {}
    assert known(service, "RE-2026-0404") == {}
