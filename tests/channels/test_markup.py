"""Words in HTML and SSML: nothing lost, nothing added, nothing that could be taken for markup."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcaster.channels._markup import to_html, to_ssml, to_words
from broadcaster.sandbox.content import paragraphs

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines differ, promises do not
LINE = st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), min_size=1, max_size=30)
PARAGRAPH = st.lists(LINE, min_size=1, max_size=3).map("\n".join)
WORDS = st.tuples(LINE, st.lists(PARAGRAPH, max_size=4)).map(lambda parts: "\n\n".join([parts[0], *parts[1]]))
XML = "{http://www.w3.org/2001/10/synthesis}"


def test_words_become_a_heading_and_paragraphs() -> None:
    """The first line is the heading; blank lines part paragraphs, single breaks stay; signs are escaped."""
    heading, html = to_html("Rubrik & mer\n\nEtt <b>.\nTvå.\n\nTre & fyra.")
    assert heading == "Rubrik & mer"
    assert html == "<p>Ett &lt;b&gt;.<br>Två.</p><p>Tre &amp; fyra.</p>"


def test_a_lone_heading_has_an_empty_body() -> None:
    """One line is a heading and nothing else."""
    assert to_html("Rubrik") == ("Rubrik", "")
    assert to_words("Rubrik", "") == "Rubrik"


@CALM
@given(WORDS)
def test_words_come_back_exactly(words: str) -> None:
    """Words → HTML → words is exact, for every word anyone could approve."""
    assert to_words(*to_html(words)) == words


@CALM
@given(st.text())
def test_even_odd_words_can_be_compared(words: str) -> None:
    """Words of any shape become the same HTML every time, and reading it back raises nothing."""
    assert isinstance(to_words(*to_html(words)), str)


@CALM
@given(st.text(), st.text())
def test_any_html_can_be_read(heading: str, html: str) -> None:
    """What an editor or a broken system wrote there never breaks the read-back."""
    assert to_words(heading, html).startswith(heading)


@pytest.mark.parametrize(
    "html",
    [
        "<p>Ett.<br>Två.</p><p>Tre.</p>",
        "<p>Ett.<br />Två.</p>\n<p>Tre.</p>\n",
        "<P CLASS='x'>Ett.<BR/>Två.</P><p>T&#114;e.</p>",
        "<div><p>Ett.<br>Två.<p>Tre.</div>",
    ],
)
def test_an_editors_way_of_writing_the_same_is_the_same(html: str) -> None:
    """Systems tidy HTML; what a reader sees is what counts."""
    assert to_words("R", html) == "R\n\nEtt.\nTvå.\n\nTre."


def test_an_independent_reader_sees_the_same_paragraphs() -> None:
    """The imitation of 1177.se, which shares no code with us, shows the paragraphs we sent."""
    assert paragraphs(to_html("R\n\nEtt & <två>.\nTre.\n\nFyra.")[1]) == ["Ett & <två>.\nTre.", "Fyra."]


def parsed(ssml: str) -> ET.Element:
    """Return the root of what we wrote ourselves."""
    return ET.fromstring(ssml)  # noqa: S314 - our own text, and the point is that it is well-formed


def said(ssml: str) -> str:
    """Return what a voice says, with one space for every pause or space."""
    return " ".join("".join(parsed(ssml).itertext()).split())


@CALM
@given(WORDS, st.sampled_from(["sv", "en", "sv-x-lattlast", "ar", "so", "fi"]))
def test_a_voice_says_every_word_and_no_more(words: str, language: str) -> None:
    """SSML is well-formed whatever the words hold, and its text is the words."""
    speakable = re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", " ", words)
    assert said(to_ssml(words, language)) == " ".join(speakable.split())


@pytest.mark.parametrize(
    ("language", "voice"),
    [("sv", "sv-SE"), ("en", "en-GB"), ("sv-x-lattlast", "sv-SE"), ("en-US", "en-US"), ("fi", "fi-FI"), ("ar", "ar")],
)
def test_the_voice_is_one_that_speaks_the_language(language: str, voice: str) -> None:
    """Easy Swedish is read by a Swedish voice; a voice that is named is kept."""
    root = parsed(to_ssml("Hej.", language))
    assert root.tag == f"{XML}speak"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == voice
    assert root.get("version") == "1.1"


def test_there_is_a_pause_after_each_sentence_and_line_but_not_within_times() -> None:
    """`kl. 06.00` is said in one breath; sentences, lines and paragraphs are not."""
    words = "Du har ringt 1177\n\nVi öppnar kl. 06.00. Ring då. Är det bråttom?\nRing 112."
    root = parsed(to_ssml(words, "sv"))
    breaks = root.findall(f"{XML}break")
    assert [pause.get("time") for pause in breaks] == ["400ms"] * 4
    assert "".join(root.itertext()).split("  ") == [
        "Du har ringt 1177", "Vi öppnar kl. 06.00.", "Ring då.", "Är det bråttom?", "Ring 112."]  # fmt: skip
