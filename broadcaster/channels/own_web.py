"""Our own page: public when the accepting transaction says so. There is nothing to call."""

from broadcaster.channels import Outcome, Post, Preflight, Step, Way


class OwnWeb:
    """The channel that has no outside: its row is its publication."""

    kind = "own_web"
    way: Way = "row"

    def __init__(self, key: str = "own_web") -> None:
        self.key = key

    async def call(self, step: Step, post: Post, timeout_s: float) -> Outcome:
        """Raise `NotImplementedError`: the row is the publication."""
        raise NotImplementedError(f"{self.key}: public with its row, no {step} is ever made")

    async def preflight(self) -> Preflight:
        """Return green: whoever can ask can also publish here."""
        return Preflight("green")

    async def close(self) -> None:
        """Do nothing: there is nothing open."""
