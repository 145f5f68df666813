"""How long words take: read out before a queue, or shown in a notice with little room. Warnings, never refusals."""

from collections.abc import Iterable

from broadcaster.channels.names import channel_name
from broadcaster.errors import Text
from broadcaster.phrasing import SPOKEN

#: A calm voice says 60 words in 25 seconds, its pauses counted in; a digit that is read out is a word.
WORDS_PER_SECOND = 60 / 25
#: Who waits in a queue to be told something listens about so long.
LISTENING_S = 25
#: What the notice at the top of 1177.se was seen to hold below its heading, roughly.
NOTICE_BODY = 300


def play_seconds(words: str) -> float:
    """Return about how many seconds a voice needs for `words`."""
    return len(words.split()) / WORDS_PER_SECOND


def warnings(said: Iterable[tuple[str, str, str]]) -> list[Text]:
    """Return what somebody should know about `said`, each (channel, language, words), before it is sent."""
    found = [_warning(channel, language, words) for channel, language, words in said]
    return [one for one in found if one is not None]


def _warning(channel: str, language: str, words: str) -> Text | None:
    name = channel_name(channel)
    if channel in SPOKEN and play_seconds(words) > LISTENING_S:
        seconds = round(play_seconds(words))
        return Text(
            f"{name.sv} ({language}) tar ungefär {seconds} sekunder att läsa upp. Efter {LISTENING_S} sekunder lägger "
            "många på. Det går att skicka ändå. Fyll i mindre om du kan.",
            f"{name.en} ({language}) takes about {seconds} seconds to read out. After {LISTENING_S} seconds many hang "
            "up. It can be sent all the same. Fill in less if you can.",
        )
    body = len(words.partition("\n\n")[2])
    if channel == "1177_notice" and body > NOTICE_BODY:
        return Text(
            f"{name.sv} ({language}) har {body} tecken under rubriken. Mer än ungefär {NOTICE_BODY} kan bli svårläst "
            "där. Det går att skicka ändå. Fyll i mindre om du kan.",
            f"{name.en} ({language}) has {body} characters below its heading. More than about {NOTICE_BODY} may be "
            "hard to read there. It can be sent all the same. Fill in less if you can.",
        )
    return None
