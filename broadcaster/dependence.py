"""
What goes down with what: the systems, channels and contacts of the register, and what each of them stands on.

A telephone system takes the numbers behind it along, and a website the channels on it. People mark what they know is
down; what follows is worked out here, so that no text can send anybody to a number that is part of the outage.
"""

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping

from broadcaster.blanks import dialled, is_number
from broadcaster.manuscript import Contact, Register, System


class Dependence:
    """The register's graph. It never changes, as the register of a snapshot does not."""

    def __init__(self, register: Register) -> None:
        self._follow: dict[str, set[str]] = {}
        for key, thing in _declared(register).items():
            for one in thing.depends_on:
                self._link(one, key)
        for key, system in register.systems.items():
            for channel in system.takes:
                self._link(key, channel)
        numbers: dict[str, list[str]] = {}
        for key, contact in register.contacts.items():
            self._link(contact.value, key)
            if is_number(contact.value):
                numbers.setdefault(dialled(contact.value), []).append(key)
        for same in numbers.values():  # one number in two spellings is one number
            for key in same:
                for other in same:
                    self._link(key, other)

    def fallen(self, marked: Iterable[str]) -> frozenset[str]:
        """Return what is marked, and everything that goes down with it, however far away."""
        down, next_ones = set[str](), list(marked)
        while next_ones:
            one = next_ones.pop()
            if one not in down:
                down.add(one)
                next_ones += self._follow.get(one, ())
        return frozenset(down)

    def _link(self, first: str, follower: str) -> None:
        self._follow.setdefault(first, set()).add(follower)


def misdeclared(register: Register, channels: Collection[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield where and why the graph is wrong: names that nothing has, and what depends on itself."""
    declared = _declared(register)
    for key, thing in declared.items():
        section = "systems" if key in register.systems else "contacts"
        known = {*register.systems} if section == "systems" else {*declared, *channels}
        for one in thing.depends_on:
            if one not in known:
                what = "system" if section == "systems" else "system, channel or contact"
                yield (section, key, "depends_on"), _unknown(one, what, known)
        if key in _under(key, declared):
            yield (section, key, "depends_on"), f"{key} depends on itself in the end; remove one of the steps"
        if key in channels:
            yield (section, key), f"{key} is the key of a channel; choose another name"
    for key, system in register.systems.items():
        for one in system.takes:
            if one not in channels:
                yield ("systems", key, "takes"), _unknown(one, "channel", channels)


def _declared(register: Register) -> Mapping[str, System | Contact]:
    return {**register.systems, **register.contacts}


def _under(key: str, declared: Mapping[str, System | Contact]) -> set[str]:
    """Return everything that `key` stands on."""
    found, next_ones = set[str](), list(declared[key].depends_on)
    while next_ones:
        one = next_ones.pop()
        if one not in found:
            found.add(one)
            next_ones += declared[one].depends_on if one in declared else ()
    return found


def _unknown(name: str, what: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), 1)
    meant = f"write {near[0]}, or remove it" if near else "add it, or remove it here"
    return f"{name} is no {what}; {meant}"
