"""Made for the place: what it holds, and what people do there."""

import re

from broadcaster.channels import limit_of
from broadcaster.errors import Text
from broadcaster.pacing import NOTICE_BODY
from broadcaster.wording.rule import Passage, example, rule
from broadcaster.wording.sentences import filled

VOICE_WORDS_USUAL = 60
_SHARE = re.compile(r"\b(dela\w*|berätta\w*|shar(?:e|ed|ing)|tell)\b", re.IGNORECASE)
_COMMENT = re.compile(r"\b(komment\w*|comment\w*)\b", re.IGNORECASE)


@rule(
    "said",
    "error",
    11,
    reason=Text(
        "Är den längre klipper kanalen av den, eller så läser ingen vidare.",
        "Longer than this, the channel cuts it or nobody reads on.",
    ),
    source="Kanalernas gränser i broadcaster/channels: notis 420, Facebook 2000, sidor 6000 tecken, röst 75 ord",
    bad=(
        example("Rubrik\n\n" + "x" * 2000),
        example("ord " * 75 + "ord", "1177_phone"),
    ),
    good=(example("ord " * 74 + "ord", "1177_phone"), example("Rubrik\n\nText.")),
)
def is_too_long(passage: Passage) -> Text | None:
    """Longer than this, the channel cuts it or nobody reads on."""
    limit, length, words = limit_of(passage.channel), len(passage.words), len(passage.words.split())
    if length > limit.characters:
        return Text(
            f"kan bli {length} tecken; {passage.channel} rymmer {limit.characters}, korta texten",
            f"can become {length} characters; {passage.channel} holds {limit.characters}, shorten the text",
        )
    if limit.words is not None and words > limit.words:
        return Text(
            f"kan bli {words} talade ord; {passage.channel} rymmer {limit.words}, korta texten",
            f"can become {words} spoken words; {passage.channel} holds {limit.words}, shorten the text",
        )
    return None


@rule(
    "said",
    "error",
    11,
    reason=Text(
        "En tom rad skiljer stycken åt. Blanksteg och radbrytningar som blir över syns, och en röst hör dem.",
        "One empty line parts paragraphs. Spaces and line breaks left over are seen, and heard by a voice.",
    ),
    source="Så kanalerna gör stycken av texten",
    bad=(
        example("Rubrik\n\n\nText"),
        example("Rubrik \n\nText"),
        example("En rad.\nEn till.", "1177_phone"),
    ),
    good=(example("Rubrik\n\nText\n– punkt\n– punkt"), example("En rad. En till.", "1177_phone")),
)
def is_misshapen(passage: Passage) -> Text | None:
    """Paragraphs are parted by one empty line, and nothing trails."""
    words, lines = passage.words, passage.words.split("\n")
    if any(line != line.strip() for line in lines) or "\n\n\n" in words or words.strip() != words:
        return Text(
            "har överflödiga blanksteg eller tomma rader; ta bort dem",
            "has stray spaces or empty lines; remove them",
        )
    if passage.spoken and len(lines) > 1:
        return Text(
            "har radbrytningar; en röst behöver en enda rad, skriv ihop meningarna",
            "has line breaks; a voice needs one run of sentences, join them",
        )
    return None


@rule(
    "said",
    "warning",
    11,
    reason=Text(
        "På Facebook når en text dem som följer er. Andra når den bara om den delas.",
        "On Facebook a text reaches those who follow you. Others it reaches only if it is shared.",
    ),
    source="En regions kommunikatörer om sin vardag: Facebook är för det som snabbt behöver spridning",
    bad=(example("Fel i Värmland\n\nRing 112 i livsfara. Vi läser kommentarerna."),),
    good=(example("Fel i Värmland\n\nDela gärna."), example("Fel i Värmland\n\nText.", "own_web")),
)
def asks_nobody_to_share(passage: Passage) -> Text | None:
    """Facebook, every phase: the ending must travel as far as the beginning did."""
    if passage.channel != "facebook" or not (passage.swedish or passage.english) or _SHARE.search(passage.words):
        return None
    return Text(
        "ber ingen att dela; skriv en mening om det, det är därför texten ligger på Facebook",
        "asks nobody to share; add a sentence, that is why the text is on Facebook",
    )


@rule(
    "said",
    "warning",
    11,
    reason=Text(
        "Människor frågar i kommentarerna, ibland om sin hälsa. Säg vad ni gör där och vad de inte ska skriva.",
        "People ask in the comments, some about their health. Say what you do there and what not to write.",
    ),
    source="En regions kommunikatörer om sin vardag; kommentarer är inkomna allmänna handlingar",
    bad=(example("Fel i Värmland\n\nDela gärna."),),
    good=(example("Fel i Värmland\n\nDela gärna. Vi läser kommentarerna men ger inga råd om vård där."),),
)
def leaves_comments_open(passage: Passage) -> Text | None:
    """Facebook, every phase."""
    if passage.channel != "facebook" or not (passage.swedish or passage.english) or _COMMENT.search(passage.words):
        return None
    return Text(
        "säger inget om kommentarerna; använd raden ${comments}",
        "says nothing of the comments; use the line ${comments}",
    )


@rule(
    "said",
    "warning",
    11,
    reason=Text(
        "Notisen står överst på 1177.se. Mer än ungefär 300 tecken under rubriken läses inte.",
        "The notice stands at the top of 1177.se. More than about 300 characters below its heading is not read.",
    ),
    source="Observerad notis på 1177.se: rubrik och omkring 200–300 tecken",
    bad=(example("Fel i Värmland\n\n" + "Ring inte. " * 30, "1177_notice"),),
    good=(example("Fel i Värmland\n\n" + "Ring inte. " * 20, "1177_notice"),),
)
def is_a_long_notice(passage: Passage) -> Text | None:
    """Short of what the notice holds at most, as `is_too_long` measures."""
    body = len(filled(passage.words).partition("\n\n")[2].strip())
    if passage.channel != "1177_notice" or body <= NOTICE_BODY:
        return None
    return Text(
        f"har {body} tecken under rubriken; sikta på {NOTICE_BODY}",
        f"has {body} characters below its heading; aim at {NOTICE_BODY}",
    )


@rule(
    "said",
    "warning",
    11,
    reason=Text(
        "En lugn röst säger 60 ord på 25 sekunder. Sedan lägger många på.",
        "A calm voice says 60 words in 25 seconds. Then many hang up.",
    ),
    source="Köbesked i regionerna: omkring 25 sekunder; kriterium 11",
    bad=(example("ord " * 61, "1177_phone"),),
    good=(example("ord " * 60, "1177_phone"),),
)
def is_a_long_voice(passage: Passage) -> Text | None:
    """A digit that is read out is a word."""
    count = len(filled(passage.words).split())
    if not passage.spoken or count <= VOICE_WORDS_USUAL:
        return None
    return Text(
        f"har {count} ord; sikta på {VOICE_WORDS_USUAL}, ungefär 25 sekunder",
        f"has {count} words; aim at {VOICE_WORDS_USUAL}, about 25 seconds",
    )
