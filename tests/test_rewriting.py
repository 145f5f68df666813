"""Changing words inside a file that people wrote, without touching anything else in it."""

import tomllib

import pytest
from service import PLAYBOOKS

from broadcaster.rewriting import rewritten, values

FILES = sorted(PLAYBOOKS.glob("*.toml"))
SMALL = b"""# What a person wrote stays.
id = "x"            # beside it too
title = { sv = "Namn", en = 'Name' }
minutes = 60
"quoted key" = "q"
list = [
  { key = "a", sv = "ett", en = "one" },  # the first
  { key = "b", sv = "tv\xc3\xa5", en = "two" },
]

[texts.first."own/web"]
sv = \"\"\"
Rubrik # ingen kommentar

[ingen tabell] = "inget v\xc3\xa4rde"
\"\"\"
[[answers]]
question.sv = "Fr\xc3\xa5ga?"
[[answers]]
question.sv = "En till?"
"""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_value_of_every_file_can_be_found_and_changed(file: object) -> None:
    """Each string gets what a hostile writer would put there, and the file still says exactly that."""
    text = next(one for one in FILES if one == file).read_bytes()
    assert rewritten(text, {}) == text
    changes = {
        path: f'{value}\n"""\\ \t"' if isinstance(value, str) else value + 1
        for path, value in values(text).items()
        if not isinstance(value, bool)
    }
    assert values(rewritten(text, changes)) == values(text) | changes


def test_comments_order_and_layout_stay() -> None:
    made = rewritten(
        SMALL,
        {
            ("title", "en"): 'A "name"',
            ("minutes",): 90,
            ("list", "1", "sv"): "två till",
            ("texts", "first", "own/web", "sv"): "Ny\n\ntext\n",
            ("answers", "1", "question", "sv"): "Ändrad?",
            ("quoted key",): "ny",
        },
    ).decode()
    assert 'title = { sv = "Namn", en = "A \\"name\\"" }\n' in made
    assert made.startswith('# What a person wrote stays.\nid = "x"            # beside it too\n')
    assert '{ key = "b", sv = "två till", en = "two" },\n' in made and "# the first" in made
    assert '[texts.first."own/web"]\nsv = """\nNy\n\ntext\n"""\n' in made
    assert tomllib.loads(made)["answers"] == [{"question": {"sv": "Fråga?"}}, {"question": {"sv": "Ändrad?"}}]


QUOTES = ('"', '""', '"""', '""""', 'slut"', '"a""b"""c')


@pytest.mark.parametrize("said", ["", *QUOTES, "\\", "\\n", "\x01", "rad\nrad", "\ttab", "${hål}", "# nej"])
def test_whatever_is_written_is_read_back_as_it_was(said: str) -> None:
    for path in (("id",), ("texts", "first", "own/web", "sv")):
        assert values(rewritten(SMALL, {path: said}))[path] == said


def test_a_place_the_file_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no texts\.update"):
        rewritten(SMALL, {("texts", "update"): "x"})


def test_a_file_with_windows_line_ends_keeps_its_words() -> None:
    text = SMALL.replace(b"\n", b"\r\n")
    made = rewritten(text, {("id",): "y"})
    assert values(made) == values(text) | {("id",): "y"}
    assert made.count(b"\r\n") == text.count(b"\r\n")


@pytest.mark.parametrize("text", [b"a = ", b'a = "x', b"a = [1", b"= 1", b"[a", b"\xff"])
def test_what_is_no_toml_is_refused_whole(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        rewritten(text, {})
