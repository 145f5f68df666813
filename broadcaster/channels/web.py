"""
The way out over HTTP and the words' dresses, for kinds of channel that other packages bring.

What is named here stays as it is within a version of this package; everything with an underscore may change. How it is
used stands in docs/adding-a-channel.md.
"""

from broadcaster.channels._compare import bears, compared, same
from broadcaster.channels._http import PREFLIGHT_TIMEOUT_S, Answer, Ask, Http, Until, deadline, judge, public_address
from broadcaster.channels._markup import to_html, to_ssml, to_words

__all__ = [
    "PREFLIGHT_TIMEOUT_S",
    "Answer",
    "Ask",
    "Http",
    "Until",
    "bears",
    "compared",
    "deadline",
    "judge",
    "public_address",
    "same",
    "to_html",
    "to_ssml",
    "to_words",
]
