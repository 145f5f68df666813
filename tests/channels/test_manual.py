"""A channel a person serves: no call is ever made, and somebody has to be named."""

import asyncio
from typing import Any

import pytest

from broadcaster import settings as configuration
from broadcaster.channels import Post, Step
from broadcaster.channels.manual import Manual


def radio(assignee: str = "redaktör i beredskap") -> Manual:
    """Return the local radio, served by `assignee`."""
    return Manual("p4", configuration.Manual(kind="manual", assignee=assignee, place="https://p4.example/"))


@pytest.mark.parametrize("step", list(Step))
def test_nothing_is_ever_called(step: Step, post: Post) -> None:
    """Whoever tries to send here by machine has made a mistake and hears so."""
    with pytest.raises(NotImplementedError, match="a person publishes here"):
        asyncio.run(radio().call(step, post, 1))


def test_a_named_person_is_green_and_nobody_is_amber() -> None:
    """A task without anyone to do it is told before the night it is needed."""
    assert asyncio.run(radio().preflight()).state == "green"
    found = asyncio.run(radio("  ").preflight())
    assert found.state == "amber"
    assert found.problems == ("Ingen är utsedd att publicera här. Ange en funktion i inställningarna.",)
    assert found.english == ("Nobody is named who publishes here. Name a function in the settings.",)


def test_it_knows_who_where_and_by_when(run: Any) -> None:
    """The board shows all three beside the text to copy."""
    channel = radio()
    run(channel, channel.preflight)
    assert (channel.key, channel.kind, channel.way) == ("p4", "manual", "person")
    assert (channel.assignee, channel.deadline_minutes, channel.place) == (
        "redaktör i beredskap",
        30,
        "https://p4.example/",
    )
