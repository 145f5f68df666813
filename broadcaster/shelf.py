"""
Which words of a playbook hold now: those of its file, or of a newer version that was made in the desk.

The highest version holds that two people have approved in the desk, as long as the file's version is lower; else the
file holds. What has been adopted and was revoked or ran out later still holds: nothing begins from it until somebody
approves again, for falling back would bring back older words. Where file and desk say different things under one
version, nobody can tell which are right, and nothing begins from either. Running incidents never look here: they go
on with the words they began with.

Every process asks the database anew in every request, so all of them see a new version at once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from broadcaster import amendment
from broadcaster.amendment import Amendment
from broadcaster.auth import names
from broadcaster.errors import Text, Unsound
from broadcaster.playbook import Playbooks, Snapshot, snapshot_of
from broadcaster.store import Store, Transaction

#: Texts that are proved, kept by their bytes: what holds and what is proposed of every playbook, many times over.
KEPT = 128


@dataclass(frozen=True)
class Version:
    """One version of a playbook. `made` is None for its file; `snapshot` is None where its text cannot be used."""

    playbook: str
    number: int
    text: bytes
    snapshot: Snapshot | None
    faults: tuple[Unsound, ...] = ()
    made: Amendment | None = None


class Shelf(Playbooks):
    """The playbooks of a folder with what was changed in the desk since, as the database has it at the moment."""

    def __init__(self, files: Playbooks, store: Store) -> None:
        super().__init__(files.all(), files.reader)
        self._files, self._store = files, store
        self._prove = lru_cache(maxsize=KEPT)(self._proved)

    @property
    def files(self) -> Playbooks:
        """The playbooks as their files say them."""
        return self._files

    def within(self, transaction: object) -> "Standing":
        """Return the playbooks as one transaction sees them."""
        assert isinstance(transaction, Transaction)
        return Standing(self, transaction)

    def prove(self, playbook_id: str, text: bytes) -> tuple[Snapshot | None, tuple[Unsound, ...]]:
        """Return the words that `text` makes with the register, None if it makes none, and every fault in it."""
        return self._prove(playbook_id, text)

    def get(self, id: str) -> Snapshot | None:
        """Return the words that hold now, or None."""
        with self._store.reading() as transaction:
            return self.within(transaction).get(id)

    def all(self) -> tuple[Snapshot, ...]:
        """Return the words that hold now of every playbook, by id."""
        with self._store.reading() as transaction:
            return self.within(transaction).all()

    def __getitem__(self, id: str) -> Snapshot:
        found = self.get(id)
        if found is None:
            raise KeyError(id)
        return found

    def trouble(self, id: str) -> Text | None:
        """Return why nothing may begin from a playbook, or None."""
        with self._store.reading() as transaction:
            return self.within(transaction).trouble(id)

    def _proved(self, playbook_id: str, text: bytes) -> tuple[Snapshot | None, tuple[Unsound, ...]]:
        if self.reader is None:
            return None, (Unsound(f"{playbook_id}.toml", 0, "has no folder to be proved against; load one"),)
        content, faults = self.reader.prove(playbook_id, text)
        sound = content is not None and not faults
        return (snapshot_of(content) if content is not None and sound else None), tuple(faults)


class Standing(Playbooks):
    """What holds of every playbook, and what is proposed, as one transaction sees it."""

    def __init__(self, shelf: Shelf, transaction: Transaction) -> None:
        super().__init__(shelf.files.all(), shelf.reader)
        self._shelf, self._transaction = shelf, transaction
        self._made: dict[str, list[Amendment]] = {}
        for one in amendment.standing(transaction):
            self._made.setdefault(one.playbook, []).append(one)

    def within(self, _transaction: object) -> "Standing":
        """Return this."""
        return self

    def get(self, id: str) -> Snapshot | None:
        """Return the words that hold, or None. The file's stand in for words that cannot be used; `trouble` says so."""
        found = self.in_force(id)
        return (found.snapshot if found else None) or super().get(id)

    def all(self) -> tuple[Snapshot, ...]:
        """Return the words that hold of every playbook, by id."""
        return tuple(one for one in map(self.get, self) if one is not None)

    def __getitem__(self, id: str) -> Snapshot:
        found = self.get(id)
        if found is None:
            raise KeyError(id)
        return found

    def prove(self, playbook_id: str, text: bytes) -> tuple[Snapshot | None, tuple[Unsound, ...]]:
        """Return as `Shelf.prove` does."""
        return self._shelf.prove(playbook_id, text)

    def in_force(self, id: str) -> Version | None:
        """Return the version that holds; None where there is no file of that name."""
        file = self.file(id)
        made = self._highest(id, adopted=True)
        return file if file is None or made is None or made.version <= file.number else self._version(made)

    def proposed(self, id: str) -> Version | None:
        """Return the newest version that waits for its two approvals, None if none is above the one that holds."""
        holds, made = self.in_force(id), self._highest(id, adopted=False)
        return None if holds is None or made is None or made.version <= holds.number else self._version(made)

    def newest(self, id: str) -> Version | None:
        """Return the version to go on writing from: the proposed one, or else the one that holds."""
        return self.proposed(id) or self.in_force(id)

    def file(self, id: str) -> Version | None:
        """Return what the file says."""
        snapshot = super().get(id)
        if snapshot is None:
            return None
        text = self.reader.texts.get(id, b"") if self.reader else b""
        return Version(id, snapshot.version, text, snapshot)

    def trouble(self, id: str) -> Text | None:
        """Return why nothing may begin from a playbook: what happened, what it means, what to do. None if it may."""
        file, made = self.file(id), self._highest(id, adopted=True)
        if file is None or made is None or made.version < file.number:
            return None
        found = self._version(made)
        if made.version > file.number:
            return None if found.snapshot else _unusable(found)
        digests = {one.snapshot.digest if one.snapshot else None for one in (found, file)}
        return None if len(digests) == 1 or found.text == file.text else _disagreeing(id, file.number)

    def notice(self, id: str) -> Text | None:
        """Return how file and desk stand to each other where they agree or one has overtaken the other; else None."""
        file, made = self.file(id), self._highest(id, adopted=True)
        if file is None or made is None or self.trouble(id):
            return None
        if made.version > file.number:
            return _ahead(id, made.version, file.number)
        return _CAUGHT_UP if made.version == file.number else _overtaken(file.number, made.version)

    def without_file(self) -> Iterator[str]:
        """Yield every playbook that was changed in the desk and has no file any more."""
        yield from sorted(name for name, made in self._made.items() if name not in set(self) and _any_adopted(made))

    def _highest(self, id: str, *, adopted: bool) -> Amendment | None:
        return next((one for one in self._made.get(id, ()) if (one.adopted_at is not None) is adopted), None)

    def _version(self, made: Amendment) -> Version:
        text = amendment.text_of(self._transaction, made.id)
        snapshot, faults = self._shelf.prove(made.playbook, text)
        is_it = snapshot is not None and snapshot.version == made.version
        if snapshot is not None and not (is_it and names.tidy(snapshot.editor) == names.tidy(made.editor)):
            reason = "its version and editor are not those it was kept under; withdraw it, and write it again"
            return Version(made.playbook, made.version, text, None, (Unsound("amendment", 0, reason),), made)
        return Version(made.playbook, made.version, text, snapshot, faults, made)


def troubles(standing: Standing) -> Iterator[str]:
    """Yield, in English for the terminal, everything about which file and desk do not agree."""
    for name in standing:
        if trouble := standing.trouble(name):
            yield f"{name}: {trouble.en}"
    for name in standing.without_file():
        yield f"{name}: it was changed in the desk, and has no file any more: put {name}.toml back, or nothing begins"


def _any_adopted(made: Iterable[Amendment]) -> bool:
    return any(one.adopted_at is not None for one in made)


def _disagreeing(id: str, number: int) -> Text:
    return Text(
        f"Krismallen {id} finns i två lydelser med samma nummer: filens version {number} och version {number} som "
        "godkänts i skrivbordet har olika ord. Ingen ny händelse kan börja från den, för ingen vet vilka ord som "
        "gäller. Händelser som pågår berörs inte. Ge den lydelse som ska gälla ett högre nummer: höj version i filen, "
        "eller spara en ny version i skrivbordet och låt två personer godkänna den.",
        f"The playbook {id} exists in two wordings with the same number: version {number} of the file and version "
        f"{number} approved in the desk have different words. No new incident can begin from it, for nobody knows "
        "which words hold. Running incidents are not touched. Give the wording that shall hold a higher number: raise "
        "the version in the file, or save a new version in the desk and have two people approve it.",
    )


def _unusable(found: Version) -> Text:
    why = found.faults[0].reason if found.faults else "?"
    return Text(
        f"Version {found.number} av krismallen {found.playbook}, som godkänts i skrivbordet, går inte längre att "
        f"använda ({why}). Ingen ny händelse kan börja från den. Händelser som pågår berörs inte. Ändra det i "
        "skrivbordet och spara en ny version, eller lägg en fil med högre version i mappen.",
        f"Version {found.number} of the playbook {found.playbook}, approved in the desk, can no longer be used "
        f"({why}). No new incident can begin from it. Running incidents are not touched. Change it in the desk and "
        "save a new version, or put a file with a higher version into the folder.",
    )


def _ahead(id: str, made: int, file: int) -> Text:
    return Text(
        f"Version {made} är ändrad i skrivbordet och gäller. Filen i mappen har den äldre version {file}. "
        f"Ladda ner filen här och lägg den i mappen som {id}.toml, så säger båda detsamma.",
        f"Version {made} was changed in the desk and holds. The file in the folder has the older version {file}. "
        f"Fetch the file here and put it into the folder as {id}.toml; then both say the same.",
    )


_CAUGHT_UP = Text(
    "Filen i mappen och det som ändrats i skrivbordet säger detsamma.",
    "The file in the folder and what was changed in the desk say the same.",
)


def _overtaken(file: int, made: int) -> Text:
    return Text(
        f"Filens version {file} gäller. Den är högre än version {made}, som senast godkändes i skrivbordet.",
        f"Version {file} of the file holds. It is higher than version {made}, the last one approved in the desk.",
    )
