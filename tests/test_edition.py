"""One reading as bytes: what an IVR plays, written once for everybody who shares the reading."""

import xml.etree.ElementTree as ET
from pathlib import Path

from public_message import ARABIC, AT, ORGANISATION, message

from broadcaster.cap import Name
from broadcaster.channels._markup import to_ssml
from broadcaster.edition import VOICE_XML, Edition, alert_of
from broadcaster.feeds import ATOM, FEEDS
from broadcaster.publication import Announcement, Publication
from broadcaster.settings import OwnWeb, Settings

FIRST = Name("RE-2026-0031", "RE-2026-0031/1", cancelled=False)
VXML = f"{{{VOICE_XML}}}"
SETTINGS = Settings(folder=Path(), organisation=ORGANISATION, channels={"own_web": OwnWeb(kind="own_web")})
SWEDISH = Announcement("RE-2026-0031/1", "sv", "Ring 112 & vänta <inte>. Läs mer.", AT, False)
ARABIC_ONE = Announcement("RE-2026-0031/1", "ar", ARABIC, AT, False)
SECOND = Announcement("RE-2026-0030/4", "sv", "Felet är löst.", AT, True)


class Voice:
    """Counts how often something is made speech."""

    def __init__(self) -> None:
        self.spoken = 0

    def __call__(self, words: str, language: str) -> str:
        self.spoken += 1
        return to_ssml(words, language)


def edition(*announcements: Announcement, speech: Voice | None = None) -> Edition:
    return Edition(Publication((message(),), announcements, AT), SETTINGS, speech or Voice())


def heard(document: ET.Element) -> str:
    return " ".join("".join(document.itertext()).split())


def test_a_voice_says_exactly_the_words_with_the_channels_own_pauses() -> None:
    document = ET.fromstring(edition(SWEDISH).voice_xml("sv"))  # noqa: S314 (our own)
    assert (document.tag, document.get("version")) == (f"{VXML}vxml", "2.1")
    assert heard(document) == SWEDISH.words
    (prompt,) = document.findall(f"{VXML}form/{VXML}block/{VXML}prompt")
    assert prompt.get("{http://www.w3.org/XML/1998/namespace}lang") == "sv-SE"
    assert [one.tag for one in prompt] == [f"{VXML}break"]
    assert {one.tag.partition("}")[0] for one in document.iter()} == {VXML.partition("}")[0]}


def test_text_is_the_words_and_nothing_else() -> None:
    made = edition(SWEDISH, ARABIC_ONE)
    assert made.text("sv").decode() == SWEDISH.words + "\n"
    assert made.text("ar").decode() == ARABIC + "\n"
    assert heard(ET.fromstring(made.voice_xml("ar"))) == ARABIC  # noqa: S314 (our own)


def test_two_crises_at_once_are_both_heard_in_the_order_given() -> None:
    made = edition(SWEDISH, SECOND)
    assert made.text("sv").decode() == f"{SWEDISH.words}\n\n{SECOND.words}\n"
    assert heard(ET.fromstring(made.voice_xml("sv"))).endswith(SECOND.words)  # noqa: S314 (our own)
    assert made.marks("sv") == "RE-2026-0031/1, RE-2026-0030/4"


def test_with_nothing_to_say_both_are_valid_and_say_nothing() -> None:
    made = edition(SWEDISH)
    document = ET.fromstring(made.voice_xml("en"))  # noqa: S314 (our own)
    assert heard(document) == "" and document.find(f"{VXML}form/{VXML}block") is not None
    assert b"nothing to say" in made.voice_xml("en")
    assert (made.text("en"), made.marks("en")) == (b"", "none")


def test_whoever_shares_an_edition_shares_its_bytes() -> None:
    voice = Voice()
    made = edition(SWEDISH, speech=voice)
    assert made.voice_xml("sv") is made.voice_xml("sv")
    assert voice.spoken == 1
    assert all(made.feed(one, None) is made.feed(one, None) for one in FEEDS)
    alerts = [made.alert(FIRST), made.alert(FIRST)]
    assert alerts[0] is not None and alerts[1] is not None and alerts[0][0] is alerts[1][0]


def test_a_language_somebody_made_up_takes_no_room() -> None:
    made = edition()
    assert made.feed(ATOM, "sv") is made.feed(ATOM, "sv")
    assert made.feed(ATOM, "xx") == made.feed(ATOM, "xx")
    assert made.feed(ATOM, "xx") is not made.feed(ATOM, "xx")


def test_an_alert_of_a_message_that_is_not_here_is_nothing() -> None:
    assert edition().alert(Name("RE-2026-0031", "RE-2026-0031/2", cancelled=False)) is None
    assert edition().alert(Name("RE-2026-0031", "RE-2026-0031/1", cancelled=True)) is None, "it was not recalled"
    assert alert_of(FIRST, (), SETTINGS) is None
