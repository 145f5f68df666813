"""Our own page: public with its row, so there is nothing to call and nothing that can fail."""

import asyncio
from typing import Any

import pytest

from broadcaster.channels import Post, Step
from broadcaster.channels.own_web import OwnWeb


@pytest.mark.parametrize("step", list(Step))
def test_nothing_is_ever_called(step: Step, post: Post) -> None:
    """The accepting transaction is the publication."""
    with pytest.raises(NotImplementedError, match="public with its row"):
        asyncio.run(OwnWeb().call(step, post, 1))


def test_it_is_always_ready(run: Any) -> None:
    """Whoever can ask can publish here."""
    channel = OwnWeb()
    assert run(channel, channel.preflight).state == "green"
    assert (channel.key, channel.kind, channel.way) == ("own_web", "own_web", "row")
