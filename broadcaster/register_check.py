"""
What is wrong with the register out in the world, said so that whoever keeps it can mend it.

Two things cannot be proved from the files alone: that they are for the county the settings name, and that the sites
messages may lead to are there. Both are told beside our own page's row, and stop nothing. A site is looked at as a
citizen would, at most once a day by each worker.
"""

import asyncio
import re
from collections.abc import Callable, Iterable
from typing import Any

from broadcaster.areas import county
from broadcaster.channels import Channel, Outcome, Post, Preflight, Step, Way
from broadcaster.errors import Text
from broadcaster.outside import Sight, Viewer
from broadcaster.playbook import Playbooks
from broadcaster.telephone import is_number

DAY_S = 86400.0
#: Looked at with one preflight: what hangs there keeps the other channels' answers waiting.
AT_ONCE = 8
#: Digits of a number that can be dialled: 112 has three, and E.164 allows fifteen.
_DIGITS = range(3, 16)
_SITE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def problems(playbooks: Playbooks, code: str) -> list[Text]:
    """Return what is wrong with the register of `playbooks` in the county `code`; nothing is asked outside."""
    registers = [one.register for one in playbooks.all()]
    counties = {one.county.code: None for one in registers if one.county is not None}
    found = [_other_county(theirs, code) for theirs in counties if theirs != code]
    values = {key: contact.value for one in registers for key, contact in one.contacts.items()}
    return found + [_no_number(key, value) for key, value in values.items() if not _reaches(value)]


def sites(playbooks: Playbooks) -> tuple[str, ...]:
    """Return every site that messages of `playbooks` may lead to."""
    registers = [one.register for one in playbooks.all()]
    named = {site for one in registers for site in (*one.domains, *(of.value for of in one.contacts.values()))}
    return tuple(sorted(site for site in named if _SITE.fullmatch(site)))


class Links:
    """Looks at sites as a citizen would. `seconds` is a clock that never goes back."""

    def __init__(self, viewer: Viewer, seconds: Callable[[], float]) -> None:
        self._viewer, self._seconds = viewer, seconds
        self._seen: dict[str, tuple[float, bool]] = {}

    async def problems(self, wanted: Iterable[str], at_once: int | None = AT_ONCE) -> list[Text]:
        """Look at those of `wanted` whose day it is, at most `at_once` of them, and return what is known to be gone."""
        now, named = self._seconds(), tuple(wanted)
        due = [site for site in named if site not in self._seen or now - self._seen[site][0] >= DAY_S][:at_once]
        sights = await asyncio.gather(*(self._viewer.look(f"https://{site}/", "") for site in due))
        self._seen |= {site: (now, sight is not Sight.UNREACHED) for site, sight in zip(due, sights, strict=True)}
        return [_gone(site) for site in named if not self._seen.get(site, (now, True))[1]]


class WithRegister:
    """A channel whose preflight also tells what is wrong with the register."""

    def __init__(self, channel: Channel, playbooks: Playbooks, code: str, links: Links | None) -> None:
        self._channel, self._playbooks, self._code, self._links = channel, playbooks, code, links
        self.key: str = channel.key
        self.kind: str = channel.kind
        self.way: Way = channel.way

    async def call(self, step: Step, post: Post, timeout_s: float) -> Outcome:
        """Do one step."""
        return await self._channel.call(step, post, timeout_s)

    async def preflight(self) -> Preflight:
        """Ask whether a send would work, and tell what is wrong with the register; that is never worse than amber."""
        found, said = await self._channel.preflight(), problems(self._playbooks, self._code)
        said += await self._links.problems(sites(self._playbooks)) if self._links else []
        if not said:
            return found
        english = (*(found.english or found.problems), *(one.en for one in said))
        swedish = (*found.problems, *(one.sv for one in said))
        return Preflight("red" if found.state == "red" else "amber", swedish, english, found.notes)

    async def close(self) -> None:
        """Give the connections back."""
        await self._channel.close()

    def __getattr__(self, name: str) -> Any:
        """Return whatever else the kind of channel offers."""
        return getattr(self._channel, name)


def _reaches(value: str) -> bool:
    return _SITE.fullmatch(value) is not None or (is_number(value) and sum(map(str.isdigit, value)) in _DIGITS)


def _other_county(theirs: str, ours: str) -> Text:
    return Text(
        f"Registret gäller {county(theirs).name} ({theirs}), men inställningarna säger {county(ours).name} ({ours}). "
        "Andra varningssystem får fel område. Rätta [county] i register.toml, eller county under [organisation].",
        f"The register is for {county(theirs).name} ({theirs}), but the settings say {county(ours).name} ({ours}). "
        "Other warning systems get the wrong area. Correct [county] in register.toml, or county under [organisation].",
    )


def _no_number(key: str, value: str) -> Text:
    return Text(
        f"Kontakten {key} i registret är varken ett nummer eller en webbplats: {value!r}. "
        "Ingen når den som står så i ett meddelande. Rätta value i register.toml.",
        f"The contact {key} of the register is neither a number nor a site: {value!r}. "
        "Nobody reaches what stands like that in a message. Correct value in register.toml.",
    )


def _gone(site: str) -> Text:
    return Text(
        f"{site} visade ingen sida när vi tittade senast, och ett meddelande kan leda dit. Öppna https://{site} själv. "
        "Rätta eller ta bort adressen i register.toml om den är fel. Vi tittar en gång om dygnet.",
        f"{site} showed no page when we last looked, and a message may lead there. Open https://{site} yourself. "
        "Correct or remove the address in register.toml if it is wrong. We look once a day.",
    )
