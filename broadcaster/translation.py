"""
Every language beside Swedish and English: a folder named by its tag, with a file for each playbook and one register.

    playbooks/ar/register.toml      playbooks/ar/dricksvatten.toml      playbooks/sv-x-lattlast/dricksvatten.toml

A translation says what its playbook says, without the level of the language. One that nobody who knows the language
has signed (`needs_review`) is kept, shown to translators and left out of every message; so are all of a language whose
register waits. A signed one becomes part of the playbook's content, which two people then approve as the whole it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from broadcaster import holes
from broadcaster.errors import Text, Unsound
from broadcaster.manuscript import ChannelKey, Name, Part, Phase, Playbook, Register, Source

REGISTER = "register.toml"
#: In which order languages stand behind Swedish and English; others follow by their tags.
ORDER = ("sv-x-lattlast", "ar", "so", "fi")
#: Whose words stand in the playbook's own file: a folder that says them too would quietly take their place.
BASE = ("sv", "en")
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*")
#: Those who follow a post read one language; a line in it leads to the others.
ONE_LANGUAGE = "facebook"
Words = Annotated[str, Field(min_length=1)]


class BlankCaseWords(Part):
    """A blank's sentences in one place: a channel, a phase, or `channel/phase`."""

    known: str | None = None
    unknown: str | None = None


class BlankWords(BlankCaseWords):
    """A blank's sentences, and the words for what can be chosen."""

    choices: dict[str, Words] = Field({})
    on: dict[str, BlankCaseWords] = Field({})


class ContactCaseWords(Part):
    """A contact's sentences in one place."""

    working: str | None = None
    affected: str | None = None


class ContactTranslation(ContactCaseWords):
    """A contact's sentences, and how a voice says it."""

    spoken: Words | None = None
    on: dict[str, ContactCaseWords] = Field({})


class Signed(Part):
    """Who vouches for the words: exactly one of the two."""

    needs_review: Literal[True] | None = None
    signed: Annotated[str, Field(min_length=3, max_length=120)] | None = None


class Translation(Signed):
    """One playbook in one more language. `swedish`: the digest of the Swedish it was signed for (`faithful`)."""

    swedish: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")] | None = None
    texts: dict[Phase, dict[ChannelKey, Words]] = Field({})
    blanks: dict[Name, BlankWords] = Field({})
    contacts: dict[Name, ContactTranslation] = Field({})


class RegisterTranslation(Signed):
    """What playbooks share, in one more language."""

    words: dict[Name, Words] = Field({})
    words_on: dict[Name, dict[str, Words]] = Field({})
    contacts: dict[Name, ContactTranslation] = Field({})
    lines: dict[Name, Words] = Field({})
    lines_on: dict[Name, dict[str, Words]] = Field({})
    places: dict[str, Words] = Field({})


@dataclass(frozen=True)
class Tongue:
    """One language's files. `texts` are by playbook; `register` is None where the language has none."""

    language: str
    register: RegisterTranslation | None
    shared: Source | None
    texts: Mapping[str, tuple[Source, Translation]]

    def waits(self, playbook: str) -> bool:
        """Tell whether the words of a playbook are left out of messages."""
        found = self.texts.get(playbook)
        whole = self.register is None or self.register.signed is not None
        return found is None or found[1].signed is None or not whole


def read(folder: Path, faults: list[Unsound]) -> tuple[Tongue, ...]:
    """Return every language of `folder`, in the order readers find them.

    Adds to `faults` what cannot be read as a translation at all; what is wrong with its words is found when it is
    proved.
    """
    found = [folder_ for folder_ in folder.iterdir() if folder_.is_dir() and any(folder_.glob("*.toml"))]
    odd = sorted(one.name for one in found if not _TAG.fullmatch(one.name) or one.name in BASE)
    faults += (Unsound(f"{ascii(name)[1:-1]}/", 0, _NO_LANGUAGE) for name in odd)
    found = [one for one in found if one.name not in odd]
    return tuple(_tongue(one, faults) for one in sorted(found, key=lambda one: _place(one.name)))


def in_more_languages(playbook: Playbook, tongues: Sequence[Tongue]) -> Playbook:
    """Return `playbook` saying also what its translations in `tongues` say. What has no place in it is left out."""
    data, spoken = playbook.model_dump(), {key: _spoken(playbook, key) for key in playbook.channels}
    for tongue in tongues:
        if playbook.id not in tongue.texts:
            continue
        words, language = tongue.texts[playbook.id][1], tongue.language
        whole = [one for one in playbook.channels if one != ONE_LANGUAGE and not _lacking(words, playbook, one)]
        for channel in whole:
            spoken[channel].append(language)
            for phase in playbook.texts:
                data["texts"][phase][channel][language] = words.texts[phase][channel]
        _add_blanks(data["blanks"], words.blanks, language)
        _add_contacts(data["contacts"], words.contacts, language)
        data["languages"] += [language] if whole else []
    if data["languages"] == playbook.languages:
        return playbook
    data["languages_on"] |= {key: said for key, said in spoken.items() if said != data["languages"]}
    return Playbook.model_validate(data)


def register_in_more_languages(register: Register, tongues: Sequence[Tongue]) -> Register:
    """Return `register` saying also what the languages of `tongues` say."""
    data = register.model_dump()
    for tongue in tongues:
        if tongue.register is None:
            continue
        words, language = tongue.register, tongue.language
        _add_contacts(data["contacts"], words.contacts, language)
        for section, plain, elsewhere in (
            ("words", words.words, words.words_on),
            ("lines", words.lines, words.lines_on),
        ):
            for name in (one for one in data[section] if one in plain or one in elsewhere):
                if name in plain:
                    data[section][name]["text"][language] = plain[name]
                for where, said in elsewhere.get(name, {}).items():
                    data[section][name]["on"].setdefault(where, {})[language] = said
        for place in data["places"]:
            if place["sv"] in words.places:
                place["also"] = {**(place["also"] or {}), language: words.places[place["sv"]]}
    return Register.model_validate(data)


def misplaced(tongue: Tongue, playbook: Playbook) -> Iterator[Unsound]:
    """Yield everything a translation says that its playbook has no place for, and who vouches for none of it."""
    source, words = tongue.texts[playbook.id]
    yield from _vouched(source, words)
    for phase, channels in words.texts.items():
        for channel in channels:
            if channel == ONE_LANGUAGE:
                yield source.fault(("texts", phase, channel), _FACEBOOK)
            elif channel not in playbook.texts.get(phase, {}):
                yield source.fault(("texts", phase, channel), _NOWHERE)
            elif lacking := _lacking(words, playbook, channel):
                yield source.fault(("texts", phase, channel), _only_some(channel, lacking))
    yield from _misplaced_sentences(tongue, playbook)


def misplaced_in_register(tongue: Tongue, register: Register) -> Iterator[Unsound]:
    """Yield everything the register of a language says that ours has no place for."""
    if tongue.shared is None or tongue.register is None:
        return
    source, words = tongue.shared, tongue.register
    yield from _vouched(source, words)
    for section, names, known in (
        ("words", [*words.words, *words.words_on], {*register.words}),
        ("contacts", [*words.contacts], {*register.contacts}),
        ("lines", [*words.lines, *words.lines_on], {*register.lines}),
        ("places", [*words.places], {place.sv for place in register.places}),
    ):
        for name in (one for one in names if one not in known):
            yield source.fault((section, name), _UNKNOWN)
    if not _falls_back(tongue):
        missing = [one.sv for one in register.places if one.sv not in words.places]
        if missing:
            yield source.fault(("places",), _no_words(", ".join(missing)))


def _tongue(folder: Path, faults: list[Unsound]) -> Tongue:
    texts: dict[str, tuple[Source, Translation]] = {}
    shared: Source | None = None
    register: RegisterTranslation | None = None
    for file in sorted(folder.glob("*.toml")):
        try:
            source = Source(file)
        except Unsound as fault:
            faults.append(Unsound(f"{folder.name}/{fault.file}", fault.line, fault.said, fault.key))
            continue
        source.name = f"{folder.name}/{file.name}"
        if file.name == REGISTER:
            register, unlike = source.read(RegisterTranslation)
            shared = source
        else:
            words, unlike = source.read(Translation)
            if words is not None:
                texts[file.stem] = source, words
        faults += unlike
    return Tongue(folder.name, register, shared, texts)


def _lacking(words: Translation, playbook: Playbook, channel: str) -> list[str]:
    """Return the phases that have no text for a channel: with one missing, no message of it is in the language."""
    return [phase for phase in playbook.texts if channel not in words.texts.get(phase, {})]


def _misplaced_sentences(tongue: Tongue, playbook: Playbook) -> Iterator[Unsound]:
    source, words = tongue.texts[playbook.id]
    used = {name for said in words.texts.values() for text in said.values() for name in _holes(text)}
    for name in (one for one in words.contacts if one not in playbook.contacts):
        yield source.fault(("contacts", name), _UNKNOWN)
    for name in (one for one in words.blanks if one not in playbook.blanks):
        yield source.fault(("blanks", name), _UNKNOWN)
    for name, spec in playbook.blanks.items():
        known = {choice.key for choice in spec.choices}
        given = {*words.blanks[name].choices} if name in words.blanks else set()
        for key in sorted(given - known):
            yield source.fault(("blanks", name, "choices", key), _UNKNOWN)
        if known - given and name in used and not _falls_back(tongue):
            yield source.fault(("blanks", name), _no_words(", ".join(sorted(known - given))))


def _holes(text: str) -> tuple[str, ...]:
    return () if holes.is_broken(text) else holes.names(text)


def _falls_back(tongue: Tongue) -> bool:
    """Tell whether what the language does not say is said in another."""
    return "-" in tongue.language


def _vouched(source: Source, words: Signed) -> Iterator[Unsound]:
    if (words.needs_review is None) == (words.signed is None):
        yield source.fault((), _VOUCH)


def _spoken(playbook: Playbook, channel: str) -> list[str]:
    return [one for one in playbook.languages if one in playbook.languages_on.get(channel, playbook.languages)]


def _add_blanks(data: dict[str, Any], blanks: Mapping[str, BlankWords], language: str) -> None:
    for name, words in blanks.items():
        if name not in data:
            continue
        _add_cases(data[name], words, ("known", "unknown"), language)
        for choice in data[name]["choices"]:
            if choice["key"] in words.choices:
                choice["also"] = {**(choice["also"] or {}), language: words.choices[choice["key"]]}


def _add_contacts(data: dict[str, Any], contacts: Mapping[str, ContactTranslation], language: str) -> None:
    for name, words in contacts.items():
        if name not in data:
            continue
        _add_cases(data[name], words, ("working", "affected"), language)
        if words.spoken is not None and "spoken" in data[name]:
            data[name]["spoken"][language] = words.spoken


def _add_cases(data: dict[str, Any], words: BlankWords | ContactTranslation, cases: Sequence[str], tongue: str) -> None:
    for where, said in [("", words), *words.on.items()]:
        here = data if not where else data["on"].setdefault(where, dict.fromkeys(cases))
        for case in cases:
            sentence = getattr(said, case)
            if sentence is not None:
                here[case] = {**(here[case] or {}), tongue: sentence}


def _place(language: str) -> tuple[int, str]:
    return (ORDER.index(language) if language in ORDER else len(ORDER)), language


_VOUCH = Text(
    "säger inte vem som står för orden; skriv needs_review = true, eller signed med namn, funktion och datum",
    "does not say who vouches for the words; write needs_review = true, or signed with name, function and date",
)
_NO_LANGUAGE = Text(
    "är ingen mapp för ett annat språk än svenska och engelska; ge den språkets kod, som fi eller sv-x-lattlast, eller "
    "flytta den ur mappen med krismallar",
    "is no folder of a language beside Swedish and English; call it by the language's tag, like fi or sv-x-lattlast, "
    "or move it out of the playbooks' folder",
)
_FACEBOOK = Text(
    "Facebook har ett språk; ta bort texten, en rad i inlägget leder till de andra språken",
    "Facebook has one language; remove the text, a line in the post leads to the other languages",
)
_NOWHERE = Text(
    "krismallen har ingen sådan text; ta bort den, eller rätta namnet på skedet eller kanalen",
    "the playbook has no such text; remove it, or mend the name of its phase or channel",
)
_UNKNOWN = Text(
    "finns inte i den svenska filen; ta bort det, eller rätta namnet",
    "is not in the Swedish file; remove it, or mend its name",
)


def _only_some(channel: str, lacking: Sequence[str]) -> Text:
    phases = ", ".join(lacking)
    return Text(
        f"{channel} saknar texter för {phases}; skriv dem, så att språket följer med händelsen till slutet",
        f"{channel} has no texts for {phases}; write them, so that the language goes on to the end of the incident",
    )


def _no_words(names: str) -> Text:
    return Text(f"saknar ord för {names}; skriv dem", f"has no words for {names}; write them")
