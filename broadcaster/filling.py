"""
What a person filled in, held against one playbook: what is taken, how it is written down, and what is wrong with it.

`Exact` is everything chosen, in a form that can be a key. Words are a function of approved content and of it alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from broadcaster import blanks, holes
from broadcaster.blanks import Bounds, Unfitting
from broadcaster.channels import LIMITS
from broadcaster.errors import FieldError, Forged, Text
from broadcaster.phrasing import KEPT, Phrasing


class Exact(NamedTuple):
    """All that decides words beside approved content. Two are equal only when each character of them is."""

    phase: str
    mode: str
    blanks: tuple[tuple[str, str], ...]
    affected: frozenset[str]
    sentence: str | None


def exact(
    phase: str, mode: str, blanks: Mapping[str, str], affected: frozenset[str], sentence: str | None
) -> Exact | None:
    """Return what was chosen as a key, or None when any of it is no text, which nobody could have chosen.

    A stored row may hold anything: 1, 1.0 and true would be one key, and unhashable values none at all.
    """
    texts = [phase, mode, *blanks, *blanks.values(), *affected, *([] if sentence is None else [sentence])]
    if any(type(text) is not str for text in texts):
        return None
    return Exact(phase, mode, tuple(sorted(blanks.items())), affected, sentence)


class Filling:
    """One playbook's holes, and what they take."""

    def __init__(self, phrasing: Phrasing) -> None:
        self._phrasing = phrasing
        used: dict[str, set[str]] = {}
        for spot in phrasing.spots():
            used.setdefault(spot.phase, set()).update(holes.names(phrasing.text(spot)))
        self._used = {phase: frozenset(names) for phase, names in used.items()}
        # Equal keys are the same characters, and content never changes: judging them again would say the same.
        self._judged = lru_cache(maxsize=KEPT)(self._judge)

    def asked(self, phase: str) -> tuple[str, ...]:
        """Return the names of the blanks the words of `phase` use, in the order to ask for them."""
        used = self._used.get(phase, frozenset())
        return tuple(name for name in self._phrasing.content.order if name in used)

    def accept(
        self, phase: str, raw: Mapping[str, str | None], sentence: str | None, affected: Sequence[str]
    ) -> tuple[dict[str, str], list[FieldError]]:
        """Return the known blanks as they are written down, and everything that is wrong, at once."""
        known, faults = self._taken(phase, raw, affected)
        faults += self._same_place(known)
        faults += _sentence_faults(phase, sentence)
        keys = {*self._phrasing.playbook.channels, *LIMITS}
        register = self._phrasing.register
        keys |= {*register.systems, *(text for key, c in register.contacts.items() for text in (key, c.value))}
        faults += [
            FieldError(f"/affected/{index}", _no_affected(key)) for index, key in enumerate(affected) if key not in keys
        ]
        return known, faults

    def prove(self, chosen: Exact | None) -> Exact:
        """Return `chosen` when it is exactly as `accept` writes it down. Raises `Forged` otherwise."""
        if chosen is None or not self._judged(chosen):
            raise Forged(f"{self._phrasing.playbook.id}: the blanks are not as they were accepted")
        return chosen

    def _judge(self, chosen: Exact) -> bool:
        known, faults = self._taken(chosen.phase, dict(chosen.blanks), chosen.affected)
        faults += _sentence_faults(chosen.phase, chosen.sentence)
        return not faults and known == dict(chosen.blanks) and chosen.mode in ("live", "drill")

    def _taken(
        self, phase: str, raw: Mapping[str, str | None], affected: Iterable[str]
    ) -> tuple[dict[str, str], list[FieldError]]:
        used, specs = self._used.get(phase, frozenset()), self._phrasing.playbook.blanks
        contacts = self._phrasing.register.contacts
        struck = frozenset(contacts[key].value for key in self._phrasing.struck(phase, affected))
        bounds = Bounds(self._phrasing.zone, self._phrasing.register.places, self._phrasing.register.domains, struck)
        known, faults = {}, []
        for name, value in raw.items():
            pointer = "/blanks/" + name.replace("~", "~0").replace("/", "~1")
            if name not in specs or name not in used:
                faults.append(FieldError(pointer, _no_blank(name, self.asked(phase))))
            elif value is not None and value.strip():
                try:
                    known[name] = blanks.take(specs[name], value, bounds)
                except Unfitting as unfitting:
                    faults.append(FieldError(pointer, unfitting.text))
        return known, faults

    def _same_place(self, known: Mapping[str, str]) -> list[FieldError]:
        """Return a fault for each place that says the same as an earlier one of the same kinds.

        Two such blanks stand for two places, the closed hospital and the one to go to instead: one value for both
        sends people to the locked door. Asked when a message is made; what was accepted before stays accepted.
        """
        first: dict[tuple[str, frozenset[str]], str] = {}
        faults = []
        for name in self._phrasing.content.order:
            spec = self._phrasing.playbook.blanks[name]
            if spec.type == "place" and spec.kinds and name in known:
                other = first.setdefault((known[name], frozenset(spec.kinds)), name)
                if other != name:
                    label = self._phrasing.playbook.blanks[other].label.text
                    faults.append(FieldError(f"/blanks/{name}", _same_as(label)))
        return faults


def _sentence_faults(phase: str, sentence: str | None) -> list[FieldError]:
    if sentence is None or not sentence.strip():
        return []
    if phase != "update":
        return [FieldError("/sentence", _NO_SENTENCE)]
    try:
        blanks.take_sentence(sentence)
    except Unfitting as unfitting:
        return [FieldError("/sentence", unfitting.text)]
    return []


def _no_blank(name: str, known: Sequence[str]) -> Text:
    return Text(
        f"Här finns ingen uppgift som heter {name}. De som finns: {', '.join(known) or 'inga'}.",
        f"There is no blank called {name} here. There are: {', '.join(known) or 'none'}.",
    )


def _same_as(label: Text) -> Text:
    return Text(
        f"Det är samma plats som under ”{label.sv}”. Välj en annan, eller lämna tomt om du inte vet.",
        f"That is the same place as under “{label.en}”. Choose another one, or leave it empty if you do not know.",
    )


def _no_affected(key: str) -> Text:
    return Text(
        f"{key} är varken en kanal eller ett system eller nummer i registret, så det går inte att markera som drabbat.",
        f"{key} is neither a channel nor a system or number of the register, so it cannot be marked as affected.",
    )


_NO_SENTENCE = Text(
    "En egen mening får bara stå i en uppdatering. Ta bort den eller välj skedet uppdatering.",
    "A sentence of your own may only stand in an update. Remove it or choose the phase update.",
)
