"""How long words take, said before they are sent, and never a reason not to send."""

from service import Service

from broadcaster.pacing import LISTENING_S, play_seconds, warnings

SPOKEN = "Ring plus, fyra, sex, sju. "


def test_sixty_words_take_twenty_five_seconds() -> None:
    """The measure behind every estimate; digits that are read out count as words."""
    assert play_seconds(" ".join(["ord"] * 60)) == 25
    assert play_seconds(SPOKEN) == 5 / 2.4
    assert play_seconds("") == 0


def test_what_takes_longer_than_people_listen_is_said_with_its_seconds() -> None:
    """At the limit nothing is said; one word more is."""
    fits, longer = " ".join(["ord"] * 60), " ".join(["ord"] * 72)
    assert play_seconds(fits) == LISTENING_S
    assert warnings([("1177_phone", "sv", fits), ("facebook", "sv", longer)]) == []
    (found,) = warnings([("1177_phone", "en", longer)])
    assert found.sv.startswith("Talsvar före 1177-kön (en) tar ungefär 30 sekunder att läsa upp.")
    assert found.en.startswith("Voice message before the 1177 queue (en) takes about 30 seconds to read out.")


def test_a_notice_that_is_hard_to_read_is_said_to_be() -> None:
    """Its heading does not count; the article below has room."""
    body = "x" * 301
    assert warnings([("1177_notice", "sv", f"Rubrik\n\n{body[1:]}"), ("1177_article", "sv", f"R\n\n{body}")]) == []
    (found,) = warnings([("1177_notice", "sv", f"Rubrik\n\n{body}")])
    assert "301 tecken" in found.sv and "301 characters" in found.en
    assert "Det går att skicka ändå." in found.sv and "It can be sent all the same." in found.en


def test_the_preview_says_it_and_the_message_can_be_sent(service: Service) -> None:
    """A long number makes a long announcement: a warning beside the words, and the same digest as the message."""
    blanks = {"reservnummer": "+46 70 123 45 67"}
    shown = service.parts.broadcasts.preview({**service.body(blanks=blanks), "mode": "drill"}, service.anna)
    spoken = {one["language"]: play_seconds(one["text"]) for one in shown["words"] if one["channel"] == "1177_phone"}
    long = [language for language, seconds in spoken.items() if seconds > LISTENING_S]
    assert long
    assert [one for one in shown["warnings"] if "sekunder att läsa upp" in one] and len(shown["warnings"]) >= len(long)
    assert len([one for one in shown["warnings_en"] if "seconds to read out" in one]) == len(long)
    sent = service.send(blanks=blanks)
    assert sent["state"] == "sending"
