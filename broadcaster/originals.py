"""A file and its translations as one: what is wrong with a sentence is told where that sentence stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from broadcaster.errors import Text, Unsound
from broadcaster.manuscript import Source

#: Levels that the declarations have and a translation's file leaves out.
_UNWRITTEN = frozenset({"also", "text"})


@dataclass(frozen=True)
class Original:
    """The Swedish and English file, and those of the languages that are read with it."""

    source: Source
    translations: Mapping[str, Source] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.source.name

    def fault(self, path: Sequence[str], reason: str | Text, needle: str = "", language: str = "") -> Unsound:
        """Return the fault at that place, in the translation where `path` or `language` leads to one.

        A sentence that a translation took over from the Swedish file is wrong in the Swedish file.
        """
        tongue = next((part for part in reversed([language, *path]) if part in self.translations), None)
        if tongue is None or (needle and tongue not in path and needle not in self.translations[tongue].text):
            return self.source.fault(path, reason, needle)
        there = [part for part in path if part != tongue and part not in _UNWRITTEN]
        return self.translations[tongue].fault(there, reason, needle)
