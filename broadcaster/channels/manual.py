"""A channel a person serves: ready words to copy, a place to paste them, and an acknowledgement with the address."""

from broadcaster import settings as configuration
from broadcaster.channels import Outcome, Post, Preflight, Step, Way
from broadcaster.channels._problems import amber, summed_up

_NOBODY = amber(
    "Ingen är utsedd att publicera här. Ange en funktion i inställningarna.",
    "Nobody is named who publishes here. Name a function in the settings.",
)


class Manual:
    """One place where a named person publishes by hand. Nothing is called, so nothing can be uncertain."""

    kind = "manual"
    way: Way = "person"

    def __init__(self, key: str, settings: configuration.Manual) -> None:
        self.key = key
        self.assignee = settings.assignee.strip()
        self.deadline_minutes = settings.deadline_minutes
        self.place = settings.place

    async def call(self, step: Step, post: Post, timeout_s: float) -> Outcome:
        """Raise `NotImplementedError`: a person does this."""
        raise NotImplementedError(f"{self.key}: a person publishes here, no {step} is ever made")

    async def preflight(self) -> Preflight:
        """Return green, or amber when nobody is named who would do it."""
        return summed_up([] if self.assignee else [_NOBODY])

    async def close(self) -> None:
        """Do nothing: there is nothing open."""
