"""Any HTML is read in one pass: what a browser shows of it, nothing that raises, and no page that takes for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.hypertext import pieces

MANY = 1 << 20


def text(page: str) -> str:
    return "".join(what for kind, what in pieces(page) if kind == "text")


@pytest.mark.parametrize(
    ("page", "read"),
    [
        ("<p>Koka <b>vattnet</b> &amp; v&auml;nta&nbsp;&#229;</p>", "Koka vattnet & vänta\u00a0å"),
        ('<a title="a > b" href=x>1177</a>', "1177"),
        ("<a title='a > b' alt = 'c>'>1177</a>", "1177"),
        ("<p it's>Ring 112</p>", "Ring 112"),
        ("före<!-- inte > det här -->efter", "föreefter"),
        ("a<!-->b<!--->c<!-- d --!>e", "abce"),
        ("<!doctype html><?xml version='1.0'?>a<![CDATA[b]]>c", "ac"),
        ("1 < 2 och 3 <4> 5", "1 < 2 och 3 <4> 5"),
        ("<script>if (a<b) x = '</p>'</script>ute", "if (a<b) x = '</p>'ute"),
        ("<SCRIPT>a</Script >b", "ab"),
        ("<svg><title/></svg>synligt<svg><title>Ikon</title></svg>", "synligtIkon"),
        ("synligt<p class='aldrig slut", "synligt"),
        ("synligt<!-- aldrig slut <p>osynligt</p>", "synligt"),
        ("synligt<style>aldrig slut", "synligt"),
        ("", ""),
    ],
)
def test_the_words_are_those_a_browser_finds(page: str, read: str) -> None:
    assert text(page) == read


def test_tags_come_in_small_letters_and_in_order() -> None:
    assert list(pieces("<P>a<BR/></P>")) == [("start", "p"), ("text", "a"), ("start", "br"), ("end", "p")]


@pytest.mark.parametrize(
    "page",
    [
        "<b ", "<a b='", '<a b="', "<a =", "<!--", "<![CDATA[", "<![foo[", "</b", "<?", "<", "</", "<x a=a ", "<!",
        "<script>", "<script></", "<a<b>", "<!-- --", "<a ='><a =\"", "&", "&#",
    ],
)  # fmt: skip
def test_a_megabyte_that_others_choke_on_is_read(page: str) -> None:
    """Each of these took the parser before this one minutes to hours, or would take a careless pattern as long."""
    assert len(list(pieces(page * (MANY // len(page))))) <= MANY


def test_a_number_that_is_no_character_is_none() -> None:
    """Python itself refuses to read more than 4300 digits."""
    assert text("a&#" + "9" * 5000 + ";b&#x" + "f" * 5000 + ";c") == "a\ufffdb\ufffdc"


@given(st.text(alphabet="<>/!?-='\"[]&#;x9 apscrit\u0300", max_size=200))
def test_nothing_makes_it_raise(page: str) -> None:
    assert all(what for _, what in pieces(page))
