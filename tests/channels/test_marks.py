"""Every shipped text bears exactly its own mark, so that a search finds it and a sweep takes nothing else for it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broadcaster.channels import Post
from broadcaster.channels._compare import bears
from broadcaster.channels._page_posts import Shown, is_copy
from broadcaster.playbook import Fill, Playbooks, Snapshot, Stamp

SHIPPED = Path(__file__).parents[2] / "playbooks"
LOADED = Playbooks.load(SHIPPED, organisation="Region Värmland", timezone="Europe/Stockholm").all()
BEGAN = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
#: An incident whose numbers begin alike, with enough messages for 1 and 10 to meet.
MARKS = [f"RV-2026-0031/{number}" for number in (*range(1, 13), 100)]


def stamp(mark: str) -> Stamp:
    """Return the mark, time and link of one message."""
    number = int(mark.rpartition("/")[2])
    return Stamp(mark, BEGAN + timedelta(hours=number), f"https://kris.region.example/m/{mark.rpartition('/')[0]}")


def texts(snapshot: Snapshot, mark: str, mode: str) -> dict[str, str]:
    """Return what the Page shows of one message in every phase, and below every line a later phase puts on top."""
    found: dict[str, str] = {}
    later = stamp("RV-2026-0031/100" if mode == "live" else "OVN-RV-2026-0031/100")
    for phase in snapshot.phases:
        known, faults = snapshot.accept(phase, {b.name: b.examples[0] for b in snapshot.blanks(phase)}, None, ())
        assert faults == ()
        for filled in ({}, known):
            fill = Fill(phase, "drill" if mode == "drill" else "live", filled)
            words = snapshot.render(fill, "facebook", "sv", stamp(mark))
            found[f"{phase} {len(filled)}"] = words
            for ending in ("correction", "false_alarm", "all_clear"):
                line = snapshot.top_line(ending, "sv", mode, later)
                found[f"{phase} {len(filled)} under {ending}"] = f"{line}\n\n{words}"
    return found


@pytest.mark.parametrize("mode", ["live", "drill"])
@pytest.mark.parametrize("snapshot", LOADED, ids=lambda snapshot: snapshot.id)
def test_every_post_bears_its_own_mark_and_no_other_also_under_a_later_line(snapshot: Snapshot, mode: str) -> None:
    """Neither the next message, nor the tenth, nor the drill of the same number, is ever taken for this one."""
    live, drills = MARKS, [f"OVN-{mark}" for mark in MARKS]
    for mark in live if mode == "live" else drills:
        for where, words in texts(snapshot, mark, mode).items():
            assert [other for other in live + drills if bears(words, other)] == [mark], (mark, where)


@pytest.mark.parametrize("snapshot", LOADED, ids=lambda snapshot: snapshot.id)
def test_a_message_is_a_copy_of_itself_under_any_line_and_of_no_other(snapshot: Snapshot) -> None:
    """A line on top changes what is read first, not which message it is."""
    first, second = (texts(snapshot, mark, "live") for mark in MARKS[:2])
    for where, words in first.items():
        post = Post("u", "RV-2026-0031", MARKS[0], "sv", 1, words, "live", BEGAN, None)
        own = where.partition(" under ")[0]
        assert is_copy(Shown(id="1", message=first[own]), post), where
        assert not any(is_copy(Shown(id="1", message=other), post) for other in second.values()), where
