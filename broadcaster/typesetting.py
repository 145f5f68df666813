"""
How words stand on a page: list items and what leads to them set apart, numbers whole on one line, easy-to-read words a
thought a line, and Latin words and numbers whole within Arabic.

Easy Swedish is layout as much as words; readers of it lose their place in long lines (the advice of Myndigheten för
tillgängliga medier, MTM, on easy-to-read text). In a language written from the right, `1177.se` and a telephone number
fall apart unless they are set apart (Unicode Bidirectional Algorithm, UAX 9). The words themselves are untouched:
without their tags they are, character by character, those that were approved.
"""

import re

from markupsafe import Markup, escape

RIGHT_TO_LEFT = frozenset({"ar"})
#: A sentence ends before a space and a capital letter; `kl. 02.40` does not end one.
_BETWEEN = re.compile(r"(?<=[.!?])( )(?=[A-ZÅÄÖ])")
#: An item of a list; a sign that stands for a tag (see `desk.exact`) may come before it.
_ITEM = re.compile("[\ue000-\ue005]*– ")
#: A telephone number in groups, or the number of a message: halves of it on two lines are read as two.
_NUMBER = re.compile(r"((?:[A-ZÅÄÖ]+-)+\d{4}-\d{4}(?:/\d+)?|(?<![\w-])\+?\d[\d-]*(?: \d{2,3})+(?!\w))")
#: What is read from the left: Latin letters and digits, with what stands between them in addresses and numbers.
_LATIN = re.compile(r"([0-9A-Za-zÀ-ſ+](?:[0-9A-Za-zÀ-ſ .:/+@_-]*[0-9A-Za-zÀ-ſ])?)")


def is_easy(language: str) -> bool:
    """Tell whether words in `language` are set for readers who need that."""
    return language.endswith("-x-lattlast")


def typeset(text: str, language: str) -> Markup:
    """Return `text` as it stands on a page in `language`."""
    if is_easy(language):
        blocks = re.split(r"(\n{2,})", text)
        return Markup("").join(_block(block) if at % 2 == 0 else block for at, block in enumerate(blocks))
    return Markup("\n").join(_role(line, _run(line, language)) for line in text.split("\n"))


def _run(line: str, language: str) -> Markup:
    if language not in RIGHT_TO_LEFT:
        return _numbered(line)
    runs = _LATIN.split(line)
    return Markup("").join(_whole(run) if at % 2 else escape(run) for at, run in enumerate(runs))


def _role(line: str, said: Markup) -> Markup:
    """Return a line as the item of a list, as what leads to one, or as it is."""
    if _ITEM.match(line):
        return Markup('<span class="item">{}</span>').format(said)
    return Markup('<span class="lead">{}</span>').format(said) if line.endswith(":") else said


def _numbered(text: str) -> Markup:
    pieces = _NUMBER.split(text)
    return Markup("").join(
        Markup('<span class="number">{}</span>').format(one) if at % 2 else escape(one) for at, one in enumerate(pieces)
    )


def _whole(run: str) -> Markup:
    said = Markup('<bdi dir="ltr">{}</bdi>').format(run)
    return Markup('<span class="number">{}</span>').format(said) if _NUMBER.fullmatch(run) else said


def _block(block: str) -> Markup:
    if not block:
        return Markup("")
    pieces = re.split(r"(\n)", block)
    lines = (_line(piece) if at % 2 == 0 else escape(piece) for at, piece in enumerate(pieces))
    return Markup("<p>{}</p>").format(Markup("").join(lines))


def _line(line: str) -> Markup:
    pieces = _BETWEEN.split(line)
    spans = Markup("").join(
        Markup("<span>{}</span>").format(_numbered(piece)) if at % 2 == 0 and piece else escape(piece)
        for at, piece in enumerate(pieces)
    )
    return _role(line, spans)
