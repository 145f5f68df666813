"""
Where a message is for, as machines say it: the codes of Statistics Sweden (SCB) for counties and municipalities.

Sveriges Radio's public-warning interface calls the two `Län` (two digits) and `Kommun` (four); so do we, since no
Swedish CAP profile is published. The municipalities are those that could be checked: the county of Värmland.
"""

from collections.abc import Iterable
from dataclasses import dataclass

COUNTIES = {
    "01": "Stockholms län", "03": "Uppsala län", "04": "Södermanlands län", "05": "Östergötlands län",
    "06": "Jönköpings län", "07": "Kronobergs län", "08": "Kalmar län", "09": "Gotlands län", "10": "Blekinge län",
    "12": "Skåne län", "13": "Hallands län", "14": "Västra Götalands län", "17": "Värmlands län", "18": "Örebro län",
    "19": "Västmanlands län", "20": "Dalarnas län", "21": "Gävleborgs län", "22": "Västernorrlands län",
    "23": "Jämtlands län", "24": "Västerbottens län", "25": "Norrbottens län",
}  # fmt: skip
MUNICIPALITIES = {
    "kil": "1715", "eda": "1730", "torsby": "1737", "storfors": "1760", "hammarö": "1761", "munkfors": "1762",
    "forshaga": "1763", "grums": "1764", "årjäng": "1765", "sunne": "1766", "karlstad": "1780",
    "kristinehamn": "1781", "filipstad": "1782", "hagfors": "1783", "arvika": "1784", "säffle": "1785",
}  # fmt: skip


@dataclass(frozen=True)
class Area:
    """A place with its code."""

    name: str
    scheme: str
    code: str


def areas(county: str, places: Iterable[str]) -> tuple[Area, ...]:
    """Return the county, and each municipality of it that a place names in full: `Sunne`, `Karlstads kommun`.

    The county is always there: an alert that reaches too many is a nuisance, one that misses people is a fault.
    """
    found = [Area(COUNTIES.get(county, f"Län {county}"), "Län", county)]
    for place in places:
        name = place.strip().lower().removesuffix(" kommun")
        code = MUNICIPALITIES.get(name) or MUNICIPALITIES.get(name.removesuffix("s"))
        if code is not None and code.startswith(county):
            found.append(Area(place.strip(), "Kommun", code))
    return tuple(found)
