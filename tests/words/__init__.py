"""
The exact words of every playbook, held as files that people can read, so that a change of words is seen in review.

`PYTHONPATH=.:tests .venv/bin/python -m words` writes them anew.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from broadcaster import holes
from broadcaster.phrasing import Phrasing, Spot
from broadcaster.playbook import PHASES, Fill, Playbooks, Snapshot, Stamp
from broadcaster.proofreading import proofread

HERE = Path(__file__).parent
PLAYBOOKS = HERE.parent.parent / "playbooks"
COMMAND = "PYTHONPATH=.:tests .venv/bin/python -m words"
_WHO = {"organisation": "Region Värmland", "timezone": "Europe/Stockholm"}
_STAMP = Stamp("RV-2026-0031/1", datetime(2026, 3, 14, 1, 40, tzinfo=UTC), "https://kris.region.example/m/RV-2026-0031")
_HEAD = """# The exact words of {id}, made by: {command}
# In every phase, channel and language: with no blank known, and with every blank known and at its longest.

"""


@cache
def written() -> dict[str, str]:
    """Return what each file says, by its name."""
    contents, faults = proofread(PLAYBOOKS, _WHO["organisation"], _WHO["timezone"])
    assert faults == []
    phrasings = {one.playbook.id: Phrasing(one) for one in contents}
    snapshots = Playbooks.load(PLAYBOOKS, **_WHO).all()
    return {f"{one.id}.txt": _file(one, phrasings[one.id]) for one in snapshots}


def _file(snapshot: Snapshot, phrasing: Phrasing) -> str:
    parts = [_HEAD.format(id=snapshot.id, command=COMMAND)]
    for phase in (phase for phase in PHASES if phase in snapshot.phases):
        for channel in snapshot.channels:
            for language in snapshot.languages_of(channel, phase):
                parts += _spot(snapshot, phrasing, Spot(phase, channel, language))
    parts += _top_lines(snapshot, phrasing)
    return "".join(parts)


def _spot(snapshot: Snapshot, phrasing: Phrasing, spot: Spot) -> Iterator[str]:
    unknown = snapshot.render(Fill(spot.phase, "live", {}), spot.channel, spot.language, _STAMP)
    longest = _longest(phrasing, spot)
    where = f"{spot.phase} · {spot.channel} · {spot.language}"
    yield f"==== {where} · nothing known · {_size(unknown, spot)} ====\n{unknown}\n\n"
    yield f"==== {where} · all at its longest · {_size(longest, spot)} ====\n{longest}\n\n"


def _longest(phrasing: Phrasing, spot: Spot) -> str:
    """Return the words with every blank known and as long as it can be, under a mark and an address as they are."""
    words = phrasing.chosen(spot, phrasing.playbook.blanks, (), spot.phase == "update")
    values = phrasing.longest_values(spot)
    link = _STAMP.link.removeprefix("https://")
    return holes.fill(words, {**values, "mark": _STAMP.mark, "link": link, "sentence": "[Här står den egna meningen.]"})


def _top_lines(snapshot: Snapshot, phrasing: Phrasing) -> Iterator[str]:
    for phase, said in phrasing.top_lines.items():
        for language in said:
            yield f"==== top line · {phase} · {language} ====\n"
            yield snapshot.top_line(phase, language, "live", _STAMP) + "\n\n"


def _size(words: str, spot: Spot) -> str:
    return f"{len(words.split())} words" if spot.spoken else f"{len(words)} characters"
