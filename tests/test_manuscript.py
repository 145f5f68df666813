"""Every fault in a file people write has the line where it stands."""

from pathlib import Path

import pytest

from broadcaster.errors import Unsound
from broadcaster.manuscript import Register, Source, strings

FILE = '''# a comment
domains = ["1177.se"]
places = []

[words.omrade]
text = { sv = "Värmland", en = "Värmland" }

[lines.sender]
text = { sv = """
[not.a.header]
key = 1
""", en = "x" }
[lines.sender.on]
"facebook/first" = { sv = "y" }
'''


def write(folder: Path, text: str) -> Path:
    file = folder / "register.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_tables_and_keys_have_lines_and_text_inside_strings_has_none(tmp_path: Path) -> None:
    """What looks like a header within a text is text."""
    source = Source(write(tmp_path, FILE))
    assert source.line(("domains",)) == 2
    assert source.line(("words", "omrade", "text", "sv")) == 6
    assert source.line(("lines", "sender", "on", "facebook/first")) == 14
    assert source.line(("not", "a", "header")) == 0
    assert source.line(("lines", "sender"), "key = 1") == 11


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    """And nothing is said about it."""
    register, faults = Source(write(tmp_path, FILE)).read(Register)
    assert faults == []
    assert register is not None and register.words["omrade"].text["sv"] == "Värmland"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("places = []", "places = [", 5),
        ("places = []", "plats = []", 3),
        ('text = { sv = "Värmland", en = "Värmland" }', 'text = { sv = 1, en = "Värmland" }', 6),
        ("[words.omrade]", "[words.Område]", 0),
        ("[words.omrade]", '[words."Stor"]', 5),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    """A wrong key, a wrong type, a wrong name, or no TOML at all."""
    file = write(tmp_path, FILE.replace(old, new))
    try:
        faults = Source(file).read(Register)[1]
    except Unsound as fault:
        faults = [fault]
    assert faults
    if line:
        assert line in [fault.line for fault in faults], faults
    assert all(fault.file == "register.toml" for fault in faults)


def test_a_file_that_is_not_there_or_not_text_is_unsound(tmp_path: Path) -> None:
    """It stops the start like any other fault."""
    with pytest.raises(Unsound):
        Source(tmp_path / "no.toml")
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(Unsound):
        Source(tmp_path / "odd.toml")


def test_every_piece_of_text_is_found() -> None:
    """Rules that read all texts miss none."""
    found = dict(strings({"a": "1", "b": {"c": ["2", {"d": "3"}]}, "e": 4, "f": None}))
    assert found == {("a",): "1", ("b", "c"): "2", ("b", "c", "d"): "3"}
