"""
Words and their two dresses: HTML for a web page, SSML for a voice. Words → HTML → words is exact.

Words are a heading on the first line, a blank line, and paragraphs parted by blank lines. Spoken text keeps every
word and gains only pauses.
"""

import re
from html import escape

from broadcaster.hypertext import pieces

_PAUSE = '<break time="400ms"/>'
#: What a voice is told to speak, where the language alone does not say which of its kinds.
_VOICES = {"sv": "sv-SE", "en": "en-GB", "fi": "fi-FI", "so": "so-SO"}
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_html(words: str) -> tuple[str, str]:
    """Return the heading, and the rest as `<p>` paragraphs with `<br>` for single line breaks."""
    heading, _, rest = words.partition("\n")
    rest = rest.removeprefix("\n")
    if not rest:
        return heading, ""
    paragraphs = (escape(part, quote=False).replace("\n", "<br>") for part in rest.split("\n\n"))
    return heading, "".join(f"<p>{part}</p>" for part in paragraphs)


def to_words(heading: str, html: str) -> str:
    """Return the plain words a page shows; the reverse of `to_html`. Reads any HTML and raises nothing."""
    reader = _Reader()
    for kind, what in pieces(html):
        {"start": reader.start, "end": reader.end, "text": reader.text}[kind](what)
    return "\n\n".join([heading, *reader.finished()])


def to_ssml(words: str, language: str) -> str:
    """Return SSML 1.1 that says exactly `words`, with a pause of 400 ms after each sentence and line."""
    lines = (line.strip() for line in _NOT_XML.sub(" ", words).splitlines())
    said = [sentence for line in lines if line for sentence in _sentences(line)]
    base = language.partition("-")[0].lower()
    voice = language if base not in _VOICES or re.fullmatch(r"[a-z]+-[A-Z]{2}", language) else _VOICES[base]
    body = f" {_PAUSE} ".join(escape(sentence, quote=False) for sentence in said)
    return f'<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="{escape(voice)}">{body}</speak>'


def _sentences(line: str) -> list[str]:
    """Part a line where a sentence ends and a capital follows; `kl. 06.00` and `t.ex. ring` stay whole."""
    parts, start = [], 0
    for end in re.finditer(r"(?<=[.!?…؟])\s+", line):
        if line[end.end()].isupper() or line[end.end()] in '–"”»':
            parts.append(line[start : end.start()])
            start = end.end()
    return [*parts, line[start:]]


class _Reader:
    def __init__(self) -> None:
        self._done: list[str] = []
        self._current: list[str] = []
        self._inside = False

    def start(self, tag: str) -> None:
        if tag == "br":
            self._current.append("\n")
        elif tag == "p":
            self._end()
            self._inside = True

    def end(self, tag: str) -> None:
        if tag == "p":
            self._end(kept=self._inside)
            self._inside = False

    def text(self, words: str) -> None:
        self._current.append(words)

    def finished(self) -> list[str]:
        self._end()
        return self._done

    def _end(self, *, kept: bool = False) -> None:
        text = "".join(self._current)
        if kept or text.strip():  # between paragraphs an editor's line ends are nothing; inside one they are ours
            self._done.append(text)
        self._current = []
