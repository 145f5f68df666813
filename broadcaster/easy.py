"""
How easy-to-read words stand on a page: a thought a line, more air, larger letters.

Easy Swedish is layout as much as words; readers of it lose their place in long lines. Source: the advice of Myndigheten
för tillgängliga medier (MTM) on easy-to-read text. The words themselves are untouched: without their tags they are,
character by character, those that were approved.
"""

import re

from markupsafe import Markup, escape

#: A sentence ends before a space and a capital letter; `kl. 02.40` does not end one.
_BETWEEN = re.compile(r"(?<=[.!?])( )(?=[A-ZÅÄÖ])")


def is_easy(language: str) -> bool:
    """Tell whether words in `language` are set for readers who need that."""
    return language.endswith("-x-lattlast")


def set_easily(text: str) -> Markup:
    """Return `text` as paragraphs in which every sentence is a line of its own."""
    blocks = re.split(r"(\n{2,})", text)
    return Markup("").join(_block(block) if at % 2 == 0 else block for at, block in enumerate(blocks))


def _block(block: str) -> Markup:
    if not block:
        return Markup("")
    pieces = re.split(r"(\n)", block)
    lines = (_line(piece) if at % 2 == 0 else Markup(piece) for at, piece in enumerate(pieces))
    return Markup("<p>{}</p>").format(Markup("").join(lines))


def _line(line: str) -> Markup:
    pieces = _BETWEEN.split(line)
    return Markup("").join(
        Markup("<span>{}</span>").format(escape(piece)) if at % 2 == 0 and piece else Markup(piece)
        for at, piece in enumerate(pieces)
    )
