"""
A code that a phone's camera reads from paper. The library that draws it is loaded only when somebody prints.
"""

from importlib import import_module

from markupsafe import Markup

#: Of four levels the second: 15 % of the code may be smudged or creased.
ERROR_CORRECTION = "m"


def quick_code(address: str) -> Markup:
    """Return a QR code of `address` as inline SVG, without a name space, scripts or anything from elsewhere."""
    segno = import_module("segno")
    # The title is the only text in it, and the library escapes it.
    drawn = segno.make_qr(address, error=ERROR_CORRECTION)
    return Markup(drawn.svg_inline(scale=4, border=4, title=address, light="#fff", omitsize=True))  # noqa: S704
