"""
The pictures of one playbook, proved when its file is read: the files themselves, their words, and where they are shown.

They lie in `pictures/` beside the playbooks. A picture can say nothing that depends on the hour: no blank and no struck
number changes it. So its rules are few, and what it says in words (`alt`) is held to the rules for every other text.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from broadcaster.errors import Unsound
from broadcaster.manuscript import Content, PictureFile, PictureSpec, Source
from broadcaster.phrasing import Phrasing, Spot
from broadcaster.picture import BYTES_MAX, SUFFIXES, Picture, Unusable, examine
from broadcaster.wording import AS_WRITTEN, Passage

FOLDER = "pictures"
#: Channels that hold words alone. A region's own (e-mail to the press) takes pictures along where its kind can.
WORDS_ALONE = ("1177_notice", "1177_article", "1177_phone", "1177_inbox", "sms")
#: More than four are cut to a pile on a phone, and each takes from the time of the words.
AT_ONCE_MAX = 4
#: A screen reader says it in one breath; shorter says nothing.
ALT_LENGTH_MIN, ALT_LENGTH_MAX = 10, 200

_ADDRESS = re.compile(r"://|\bwww\.|@|(?:[\w-]+\.)+[a-zåäö]{2,}\b", re.IGNORECASE)
_PICTURE_OF = re.compile(r"(en )?bild (på|av|som)\b|(an? )?(image|picture|photo) of\b", re.IGNORECASE)


def hung(
    content: Content, folder: Path, source: Source, faults: list[Unsound], known: Mapping[str, PictureFile]
) -> Content:
    """Return `content` with its picture files, their bytes beside them; whatever is wrong is added to `faults`.

    `known` are files that were read before: they are taken as they were then.
    """
    specs = content.playbook.pictures
    if not specs:
        return content
    phrasing, files = Phrasing(content), dict[str, PictureFile]()
    for spec in specs:
        found: PictureFile | str = "stands in the playbook twice; name all its channels and phases in one place"
        if spec.file not in files:
            found = known.get(spec.file) or _file(folder / FOLDER / spec.file)
        reasons = [found] if isinstance(found, str) else []
        reasons += [*_places(spec, phrasing), *_words(spec, phrasing)]
        faults += [source.fault(("pictures",), f"picture {spec.file}: {reason}", spec.file) for reason in reasons]
        if isinstance(found, PictureFile):
            files[spec.file] = found
    faults += [source.fault(("pictures",), reason) for reason in _crowds(specs, phrasing)]
    return content.model_copy(update={"pictures": files})


def shown(content: Content, phase: str, channel: str, language: str) -> list[tuple[PictureSpec, PictureFile]]:
    """Return the pictures beside these words, in the playbook's order."""
    files = content.pictures or {}
    return [
        (spec, files[spec.file])
        for spec in content.playbook.pictures or ()
        if spec.file in files and _is_beside(spec, Spot(phase, channel, language))
    ]


def as_picture(spec: PictureSpec, file: PictureFile, language: str, before: str) -> Picture:
    """Return a picture with its words in `language`; `before` is what every word of a drill begins with."""
    alt = f"{before} {spec.alt[language]}".strip()
    return Picture(file.sha256, file.type, file.width, file.height, alt)


def _file(path: Path) -> PictureFile | str:
    """Return what lies there, or why it cannot be used."""
    where = f"{FOLDER}/{path.name}"
    try:
        with path.open("rb") as opened:
            data = opened.read(BYTES_MAX + 1)
    except OSError as error:
        return f"there is no file {where} that can be read ({error.strerror}); put it there, or take the picture out"
    try:
        shape = examine(data)
    except Unusable as unusable:
        return f"the file {where} {unusable}"
    if path.suffix != f".{SUFFIXES[shape.type]}":
        return f"the file {where} is {shape.type} inside; call it .{SUFFIXES[shape.type]}"
    sha256 = hashlib.sha256(data).hexdigest()
    return PictureFile.model_validate(
        {"sha256": sha256, "type": shape.type, "width": shape.width, "height": shape.height, "data": data}
    )


def _places(spec: PictureSpec, phrasing: Phrasing) -> Iterator[str]:
    """Yield every place that is named and shows nothing."""
    playbook = phrasing.playbook
    for channel in spec.channels:
        if channel in WORDS_ALONE:
            yield f"the channel {channel} holds words alone; leave it out here"
        elif channel not in playbook.channels:
            yield f"the channel {channel} is not one of the playbook's"
    for phase in spec.phases:
        if phase not in phrasing.texts:
            yield f"the phase {phase} has no texts in this playbook"
    for language in spec.languages or ():
        if language not in playbook.languages:
            yield f"the language {language} is not one of the playbook's"


def _words(spec: PictureSpec, phrasing: Phrasing) -> Iterator[str]:
    """Yield what is wrong with what the picture says to those who do not see it."""
    needed = {
        language
        for channel in spec.channels
        if channel in phrasing.playbook.channels
        for language in phrasing.languages_of(channel)
        if spec.languages is None or language in spec.languages
    }
    for language in sorted(needed - set(spec.alt)):
        yield f"has no alt text in {language}; say in words what it shows"
    for language in sorted(set(spec.alt) - needed):
        yield f"has an alt text in {language}, where it is not shown"
    names = tuple((one.value, one.also_name) for one in phrasing.register.contacts.values())
    for language, alt in spec.alt.items():
        wrong = [rule(Passage("own_web", language, alt, names)) for rule in AS_WRITTEN]
        yield from (f"its alt text in {language} {reason}" for reason in [*wrong, *_ill_said(alt)] if reason)


def _ill_said(alt: str) -> Iterator[str]:
    if not ALT_LENGTH_MIN <= len(alt) <= ALT_LENGTH_MAX:
        yield f"has {len(alt)} characters; {ALT_LENGTH_MIN} to {ALT_LENGTH_MAX} are heard to the end"
    if "$" in alt or "\n" in alt or alt != alt.strip():
        yield "has a hole, a line break or a stray space; it is one plain sentence, the same every time"
    if found := _ADDRESS.search(alt):
        yield f"has the address {found[0]}; nobody can follow it there, so say it in the words"
    if found := _PICTURE_OF.match(alt):
        yield f"begins with '{found[0]}', which screen readers say by themselves; begin with what it shows"


def _crowds(specs: list[PictureSpec], phrasing: Phrasing) -> Iterator[str]:
    for spot in phrasing.spots():
        here = sum(_is_beside(spec, spot) for spec in specs)
        if here > AT_ONCE_MAX:
            where = f"{spot.phase}, {spot.channel}, {spot.language}"
            yield f"{where} would show {here} pictures; {AT_ONCE_MAX} at the most"


def _is_beside(spec: PictureSpec, spot: Spot) -> bool:
    """Tell whether the picture goes with the words there."""
    in_language = spec.languages is None or spot.language in spec.languages
    return spot.phase in spec.phases and spot.channel in spec.channels and in_language
