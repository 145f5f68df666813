"""
Prove a folder of playbooks sound before anything starts from it; every fault with its file and line.

A fault here would meet a frightened person at 02:40: a hole nobody fills, a text that does not fit its channel, a
number that cannot be left out when the crisis strikes it. So each is found when the file is read, in the worst case.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from broadcaster import faithful, pictures, translation
from broadcaster.entries import hidden_faults, names_in, register_faults
from broadcaster.errors import Text, Unsound
from broadcaster.manuscript import Content, PictureFile, Playbook, Register, Source, strings
from broadcaster.originals import Original
from broadcaster.phrasing import REQUIRED_LINES, Phrasing
from broadcaster.soundness import Soundness
from broadcaster.translation import Tongue
from broadcaster.vouching import source_faults

_Kind = TypeVar("_Kind", Playbook, Register)

REGISTER = translation.REGISTER


def proofread(folder: Path, organisation: str, timezone: str) -> tuple[list[Content], list[Unsound]]:
    """Return what the playbooks of `folder` say, by file name, and every fault in them."""
    reader = Proofreader(folder, organisation, timezone)
    return reader.contents, reader.faults


class Proofreader:
    """A folder of playbooks, read once: `contents` by file name, and every fault in them.

    It goes on to prove other texts of these playbooks against the register as it was then, whatever becomes of the
    folder meanwhile: processes that serve one address must not each read a folder that is being edited.
    """

    def __init__(self, folder: Path, organisation: str, timezone: str) -> None:
        self.contents: list[Content] = []
        self.faults: list[Unsound] = []
        #: the bytes of each playbook's file, by the name of the file without its ending
        self.texts: dict[str, bytes] = {}
        self._folder, self._speaks = folder, (organisation, timezone)
        self._shared: Source | None = None
        self._register: Register | None = None
        self._tongues: tuple[Tongue, ...] = ()
        self._read: list[tuple[Source, Playbook]] = []
        #: each picture as it was when the folder was read: a text that is proved later gets these
        self._pictures: dict[str, PictureFile] = {}
        if not folder.is_dir():
            advice = "is not a folder; name the folder of the playbooks in the settings"
            self.faults.append(Unsound(str(folder), 0, advice))
            return
        self._read_folder()
        self._pictures = {name: file for one in self.contents for name, file in (one.pictures or {}).items()}

    def prove(self, playbook_id: str, text: bytes) -> tuple[Content | None, list[Unsound]]:
        """Return what `text` says as the file of a playbook, None if it is none, and every fault in it."""
        faults: list[Unsound] = []
        source = _open(self._folder / f"{playbook_id}.toml", faults, text)
        return self._proved(source, _read(source, Playbook, faults), faults), faults

    def originals(self, playbook_id: str) -> tuple[Original, Original]:
        """Return the files that the words of a sound playbook stand in: its own, and the register's."""
        (source,) = (source for source, playbook in self._read if playbook.id == playbook_id)
        return self._whole(source, playbook_id, self._signed(self._file(playbook_id)))

    def waiting(self, playbook_id: str) -> tuple[str, ...]:
        """Return the languages a playbook is translated to that nobody has signed as it is: no message says them."""
        here = [one.language for one in self._tongues if playbook_id in one.texts]
        said = {one.language for one in self._signed(self._file(playbook_id))}
        return tuple(language for language in here if language not in said)

    def outdated(self, playbook_id: str, text: bytes) -> tuple[str, ...]:
        """Return the languages whose signature is for other Swedish than `text`, so that no message says them."""
        playbook = _read(_open(self._folder / f"{playbook_id}.toml", [], text), Playbook, [])
        signed = [one for one in self._tongues if not one.waits(playbook_id)]
        return tuple(one.language for one in signed if playbook is not None and not self._holds(one, playbook))

    def signers(self, playbook_id: str) -> tuple[tuple[str, str], ...]:
        """Return the languages a playbook's messages are said in beside its own, each with all who signed its words."""
        found = []
        for one in (one for one in self._tongues if not one.waits(playbook_id)):
            shared = one.register.signed if one.register is not None else None
            signed = dict.fromkeys(name for name in (one.texts[playbook_id][1].signed, shared) if name)
            found.append((one.language, "; ".join(signed)))
        return tuple(found)

    def reviewed(self) -> Iterator[Unsound]:
        """Yield what would be wrong with translations if they were signed as they are. None of it stops anything."""
        for tongue in self._tongues:
            known = {playbook.id for _, playbook in self._read}
            for stem, (stray, _) in tongue.texts.items():
                if stem not in known:  # it says nothing, so it never keeps a service from starting
                    yield stray.fault((), _STRAY)
            before = self._faults_of_register(self._signed())
            now = self._faults_of_register([*self._signed(), tongue])
            yield from _new(now, before)
            for source, playbook in self._read:
                signed = self._signed(playbook)
                if playbook.id in tongue.texts and tongue not in signed:
                    if not tongue.waits(playbook.id):
                        yield tongue.texts[playbook.id][0].fault(("swedish",), _OUTDATED)
                    before = self._faults_of(source, playbook, signed)
                    yield from _new(self._faults_of(source, playbook, [*signed, tongue]), before)

    def _read_folder(self) -> None:
        files = [self._folder / REGISTER, *sorted(self._folder.glob("*.toml"))]
        opened = {file.stem: _open(file, self.faults) for file in files}
        self._shared = opened.pop(Path(REGISTER).stem)
        self._register = _read(self._shared, Register, self.faults)
        self._tongues = translation.read(self._folder, self.faults)
        if self._shared is None or self._register is None:
            return
        read = [(source, _read(source, Playbook, self.faults)) for source in opened.values()]
        self._read = [(source, playbook) for source, playbook in read if source is not None and playbook is not None]
        self.faults += self._faults_of_register(self._signed())
        self.texts = {stem: source.bytes for stem, source in opened.items() if source is not None}
        found = (self._proved(source, playbook, self.faults) for source, playbook in read)
        self.contents = [content for content in found if content is not None]
        if not opened:
            self.faults.append(Unsound(str(self._folder), 0, "has no playbooks; put some there, one file each"))

    def _proved(self, source: Source | None, playbook: Playbook | None, faults: list[Unsound]) -> Content | None:
        if source is None or playbook is None or self._shared is None or self._register is None:
            return None
        tongues = self._signed(playbook)
        faults += self._faults_of(source, playbook, tongues)
        return pictures.hung(self._content(playbook, tongues), self._folder, source, faults, self._pictures)

    def _file(self, playbook_id: str) -> Playbook | None:
        return next((playbook for _, playbook in self._read if playbook.id == playbook_id), None)

    def _holds(self, tongue: Tongue, playbook: Playbook) -> bool:
        return faithful.holds(tongue.texts[playbook.id][1], playbook, self._file(playbook.id))

    def _signed(self, playbook: Playbook | None = None) -> list[Tongue]:
        """Return the languages that a playbook's messages are said in beside its own; without one, of the register."""
        if playbook is not None:
            return [one for one in self._tongues if not one.waits(playbook.id) and self._holds(one, playbook)]
        return [one for one in self._tongues if one.register is not None and one.register.signed]

    def _content(self, playbook: Playbook, tongues: Sequence[Tongue]) -> Content:
        assert self._register is not None
        register = translation.register_in_more_languages(self._register, tongues)
        return _trimmed(translation.in_more_languages(playbook, tongues), register, *self._speaks)

    def _faults_of(self, source: Source, playbook: Playbook, tongues: Sequence[Tongue]) -> list[Unsound]:
        assert self._register is not None
        whole, shared = self._whole(source, playbook.id, tongues)
        faults = [*hidden_faults(source, playbook), *_smuggled(source)]
        for one in tongues:
            faults += hidden_faults(*one.texts[playbook.id], one.language)
            faults += translation.misplaced(one, playbook)
        phrasing = Phrasing(self._content(playbook, tongues))
        faults += source_faults(source, phrasing.content)
        return [*faults, *Soundness(whole, shared, self._register, phrasing).faults()]

    def _whole(self, source: Source, playbook_id: str, tongues: Sequence[Tongue]) -> tuple[Original, Original]:
        assert self._shared is not None
        shared = {one.language: one.shared for one in tongues if one.shared is not None}
        own = {one.language: one.texts[playbook_id][0] for one in tongues}
        return Original(source, own), Original(self._shared, shared)

    def _faults_of_register(self, tongues: Sequence[Tongue]) -> list[Unsound]:
        assert self._shared is not None
        assert self._register is not None
        faults = [*hidden_faults(self._shared, self._register), *_smuggled(self._shared)]
        for one in tongues:
            if one.shared is not None and one.register is not None:
                faults += hidden_faults(one.shared, one.register, one.language)
                faults += translation.misplaced_in_register(one, self._register)
        shared = Original(self._shared, {one.language: one.shared for one in tongues if one.shared is not None})
        channels = {key for _, playbook in self._read for key in playbook.channels}
        register = translation.register_in_more_languages(self._register, tongues)
        return [*faults, *register_faults(shared, register, channels)]


def _trimmed(playbook: Playbook, register: Register, organisation: str, timezone: str) -> Content:
    """Return the playbook with what it uses of the register: changing the rest changes no approval."""
    used = {name for _, text in strings(playbook.model_dump()) for name in names_in(text)}
    silent: dict[str, object] = {"spoken": {}, "working": {}, "affected": {}, "on": {}}
    contacts = {
        key: contact if key in used else contact.model_copy(update=silent) for key, contact in register.contacts.items()
    }
    lines = {key: line for key, line in register.lines.items() if key in used or key in REQUIRED_LINES}
    for thing in [*contacts.values(), *lines.values()]:
        used |= {name for _, text in strings(thing.model_dump()) for name in names_in(text)}
    types = {spec.type for spec in playbook.blanks.values()}
    return Content(
        v=1,
        organisation=organisation,
        timezone=timezone,
        order=list(playbook.blanks),
        playbook=playbook,
        register=Register(
            systems=register.systems,
            contacts=contacts,
            county=register.county,
            places=register.places if "place" in types else [],
            domains=register.domains if "link" in types else [],
            words={key: words for key, words in register.words.items() if key in used},
            lines=lines,
        ),
    )


def _smuggled(source: Source) -> Iterator[Unsound]:
    """Yield words that are written where only translations put theirs."""
    yield from (source.fault(path, _ALSO) for path, _ in strings(source.data) if "also" in path)


def _new(now: Sequence[Unsound], before: Sequence[Unsound]) -> Iterator[Unsound]:
    known = {str(one) for one in before}
    yield from (one for one in now if str(one) not in known)


def _open(file: Path, faults: list[Unsound], text: bytes | None = None) -> Source | None:
    try:
        return Source(file, text)
    except Unsound as fault:
        faults.append(fault)
        return None


def _read(source: Source | None, kind: type[_Kind], faults: list[Unsound]) -> _Kind | None:
    if source is None:
        return None
    found, unlike = source.read(kind)
    faults += unlike
    return found


_ALSO = "there is no such key here; write other languages in their own folders"
_STRAY = "is a translation of no playbook here; call it as the playbook's file is called, or remove it"
_OUTDATED = Text(
    "är signerad för andra svenska ord än dem som står nu, så inget besked säger den; låt någon som kan språket läsa "
    "den igen, och signera med: broadcaster playbooks sign",
    "is signed for other Swedish words than those that stand now, so no message says it; have somebody who knows the "
    "language read it again, and sign with: broadcaster playbooks sign",
)
