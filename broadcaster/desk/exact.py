"""
The exact words as the public will meet them: each channel in its own shape, with what is new set apart.

    shape_of     post, notice, article, voice, page … and what becomes of the words there
    set_words    words as a page shows them, with some of them marked
    compared     what stands now beside what will stand, word by word
    impact       the one sentence at the button

Shapes are structure only, never another's logo or colours. Without their tags the words are, character by character,
those that will be published.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from broadcaster import difference
from broadcaster.board import channel_name
from broadcaster.errors import Text
from broadcaster.language import say, t
from broadcaster.phrasing import SPOKEN
from broadcaster.playbook import Snapshot
from broadcaster.settings import Manual, Settings
from broadcaster.typesetting import RIGHT_TO_LEFT, is_easy, typeset

#: Stand for a tag until the words are typeset; no words of ours can hold them, for they are refused as invisible.
_SIGNS = {"mark": ("\ue000", "\ue001"), "ins": ("\ue002", "\ue003"), "del": ("\ue004", "\ue005")}
_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-ZÅÄÖ])")


@dataclass(frozen=True)
class Shape:
    """What one channel looks like to the public, and what the words become there in a later phase."""

    key: str
    caption: Text
    later: Text


_SHAPES = {
    "own_web": Shape("page", Text("Vår egen sida", "Our own page"), Text("Läggs överst.", "Put on top.")),
    "facebook": Shape(
        "post",
        Text("Inlägg, synligt för alla", "A post, visible to everybody"),
        Text("Blir ett nytt inlägg. De tidigare står kvar.", "Becomes a new post. The earlier ones stay."),
    ),
    "1177_notice": Shape("notice", Text("Notis överst på sidan", "A notice on top of the page"), Text("", "")),
    "1177_article": Shape("article", Text("Artikel", "An article"), Text("", "")),
    "1177_phone": Shape("voice", Text("Läses upp före kön", "Read out before the queue"), Text("", "")),
}
_PLAIN = Shape("plain", Text("", ""), Text("", ""))
_REPLACED = Text("Byts ut på samma ställe.", "Is replaced in the same place.")
_LETTER = Text(
    "Skickas som ett nytt. Det som redan är skickat går inte att ta tillbaka.",
    "Is sent as a new one. What was sent already cannot be taken back.",
)
#: Phases that put an approved line on top of the incident's earlier posts.
_ENDINGS = ("correction", "false_alarm", "all_clear")
_TOP_LINE = Text(
    "Blir ett nytt inlägg. De tidigare inläggen får en rad överst, så att de inte fortsätter att säga fel.",
    "Becomes a new post. The earlier posts get a line on top, so that they do not go on saying what is wrong.",
)
_LETTERS = ("email", "sms_46elks")
#: How each channel stands in the sentence at the button.
_WHERE = {
    "facebook": Text("på Facebook", "on Facebook"),
    "own_web": Text("på vår egen webbsida", "on our own web page"),
    "region_web": Text("på regionens webbplats", "on the region's website"),
    "intranet": Text("på intranätet", "on the intranet"),
    "p4": Text("hos Sveriges Radio P4", "with Sveriges Radio P4"),
    "press": Text("till pressen", "to the press"),
    "sms": Text("som sms", "by SMS"),
}
_1177 = {
    "1177_notice": Text("notis", "notice"),
    "1177_article": Text("artikel", "article"),
    "1177_phone": Text("talsvar", "voice message"),
    "1177_inbox": Text("inkorg", "inbox"),
}


def shape_of(channel: str) -> Shape:
    """Return what a channel looks like to the public; plain words for one that nobody has described."""
    return _SHAPES["1177_phone"] if channel in SPOKEN else _SHAPES.get(channel, _PLAIN)


def person_of(channel: str, settings: Settings) -> str:
    """Return who puts it out by hand; nothing where the service does."""
    configured = settings.channels.get(channel)
    return configured.assignee if isinstance(configured, Manual) else ""


def becomes(channel: str, phase: str, settings: Settings) -> str:
    """Return what a later message does to what stands in a channel."""
    configured = settings.channels.get(channel)
    if configured is None or phase == "first":
        return ""
    if isinstance(configured, Manual):
        return t("Det gör en person för hand.", "A person does it by hand.")
    if configured.kind in _LETTERS:
        return say(_LETTER)
    if channel == "facebook":
        return say(_TOP_LINE if phase in _ENDINGS else shape_of(channel).later)
    return say(shape_of(channel).later if channel == "own_web" else _REPLACED)


def impact(channels: Sequence[str], snapshot: Snapshot, settings: Settings, *, drill: bool, waits: bool) -> str:
    """Return the one sentence that says what the button does to the world."""
    if drill:
        return t("Övning: inget lämnar huset.", "Exercise: nothing leaves the house.")
    by_hand = [key for key in channels if person_of(key, settings)]
    places = _places([key for key in channels if key not in by_hand], snapshot)
    said = ""
    if places and waits:
        said = t(
            f"Inget går ut nu. Efter en annan persons ja publiceras detta {places}.",
            f"Nothing goes out now. After another person's yes this is published {places}.",
        )
    elif waits:
        said = t("Inget händer förrän en annan person har sagt ja.", "Nothing happens before another person's yes.")
    elif places:
        said = t(f"Detta publiceras nu {places}.", f"This is published now {places}.")
    names = _listed(f"{say(channel_name(key))} ({person_of(key, settings)})" for key in by_hand)
    hand = t(f"{names} läggs ut av en person.", f"{names}: put out by a person.") if names else ""
    return f"{said} {hand}".strip()


def set_words(text: str, language: str, needles: Iterable[str] = ()) -> Markup:
    """Return words as they stand on a page, the first line as a heading; every one of `needles` is marked."""
    wanted = sorted({one for one in needles if one}, key=len, reverse=True)
    if wanted:
        found = re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in wanted))
        text = found.sub(lambda match: _signed(match[0], "mark", language), text)
    return _page(text, language)


def compared(old: str, new: str, language: str) -> tuple[Markup, Markup]:
    """Return what stood and what will stand, each whole, with what goes and what comes set apart."""
    pieces = difference.words(old, new)
    was = "".join(_signed(one.text, "del", language) if one.kind == "gone" else one.text
                  for one in pieces if one.kind != "new")  # fmt: skip
    now = "".join(_signed(one.text, "ins", language) if one.kind == "new" else one.text
                  for one in pieces if one.kind != "gone")  # fmt: skip
    return _page(was, language), _page(now, language)


def _places(channels: Sequence[str], snapshot: Snapshot) -> str:
    ours = [key for key in channels if key in _1177]
    area = snapshot.register.words.get("omrade")
    where = area.text if area else {}
    sv, en = (f"1177 {word} {where[one]}" if one in where else "1177" for one, word in (("sv", "i"), ("en", "in")))
    named = Text(sv, en)
    found: list[str] = []
    for key in channels:
        if key not in _1177:
            found.append(say(_WHERE.get(key)) or t(f"i {say(channel_name(key))}", f"in {say(channel_name(key))}"))
        elif key == ours[0]:
            found.append(f"{t('på', 'on')} {say(named)} ({_listed(say(_1177[one]) for one in ours)})")
    return _listed(found)


def _listed(names: Iterable[str]) -> str:
    *first, last = [*names] or [""]
    return f"{', '.join(first)} {t('och', 'and')} {last}" if first else last


def _signed(text: str, tag: str, language: str) -> str:
    """Return `text` between the signs of a tag, closed and opened again where a line or an easy sentence ends."""
    begin, end = _SIGNS[tag]
    if (core := text.strip(" ")) and core != text:  # a line under a space is no change that anybody sees
        before, after = text.split(core, 1)
        return f"{before}{_signed(core, tag, language)}{after}"
    text = text.replace("\n", f"{end}\n{begin}")
    if is_easy(language):
        text = _SENTENCE.sub(f"{end} {begin}", text)
    return f"{begin}{text}{end}".replace(f"{begin}{end}", "")


def _page(text: str, language: str) -> Markup:
    head, newline, rest = text.partition("\n")
    if not newline:
        return _tagged(typeset(text, language))
    first = typeset(head, language) if language in RIGHT_TO_LEFT else escape(head)
    return Markup("<h3>{}</h3>\n{}").format(_tagged(first), _tagged(typeset(rest, language)))


def _tagged(words: Markup) -> Markup:
    said = str(words)
    for tag, (begin, end) in _SIGNS.items():
        said = said.replace(begin, f"<{tag}>").replace(end, f"</{tag}>")
    return Markup(said)  # noqa: S704 - escaped by typeset; only our own three tags were put in
