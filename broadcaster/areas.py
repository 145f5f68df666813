"""
Where a message is for, as machines say it: the codes of Statistics Sweden (SCB) for counties and municipalities.

Sveriges Radio's public-warning interface calls the two `Län` (two digits) and `Kommun` (four); so do we, since no
Swedish CAP profile is published. Municipalities and their codes are the register's, and approved with the words.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from broadcaster.manuscript import Place

COUNTIES = {
    "01": "Stockholms län", "03": "Uppsala län", "04": "Södermanlands län", "05": "Östergötlands län",
    "06": "Jönköpings län", "07": "Kronobergs län", "08": "Kalmar län", "09": "Gotlands län", "10": "Blekinge län",
    "12": "Skåne län", "13": "Hallands län", "14": "Västra Götalands län", "17": "Värmlands län", "18": "Örebro län",
    "19": "Västmanlands län", "20": "Dalarnas län", "21": "Gävleborgs län", "22": "Västernorrlands län",
    "23": "Jämtlands län", "24": "Västerbottens län", "25": "Norrbottens län",
}  # fmt: skip


@dataclass(frozen=True)
class Area:
    """A place with its code."""

    name: str
    scheme: str
    code: str


def county(code: str) -> Area:
    """Return a county. Every alert has it: one that reaches too many is a nuisance, one that misses is a fault."""
    return Area(COUNTIES.get(code, f"Län {code}"), "Län", code)


def municipalities(places: Iterable[Place], named: Iterable[str]) -> tuple[Area, ...]:
    """Return each municipality of `places` that is named in full: `Sunne`, `Karlstads kommun`."""
    codes = {name: place.code for place in places if place.code for name in _names(place.sv)}
    found = ((name.strip(), next((codes[one] for one in _names(name) if one in codes), None)) for name in named)
    return tuple(Area(name, "Kommun", code) for name, code in found if code is not None)


def _names(municipality: str) -> tuple[str, ...]:
    """Return what a municipality may be called, the longest first: `karlstads kommun`, `karlstads`, `karlstad`."""
    whole = municipality.strip().casefold()
    short = whole.removesuffix(" kommun")
    return tuple(dict.fromkeys(name for name in (whole, short, short.removesuffix("s")) if name))
