"""Answers to what people will ask in the comments, prepared for whoever watches them."""

from dataclasses import dataclass

from broadcaster.errors import Text
from broadcaster.manuscript import Playbook


@dataclass(frozen=True)
class Answer:
    """A question people ask, the answer prepared for it, the phases it is for and who owns what it says."""

    question: Text
    answer: Text
    phases: tuple[str, ...]
    owner: str


def prepared(playbook: Playbook) -> tuple[Answer, ...]:
    """Return the answers; one that names no phase is for all of them, one that names no owner has the playbook's."""
    return tuple(
        Answer(one.question.text, one.answer.text, tuple(one.phases or playbook.texts), one.owner or playbook.owner)
        for one in playbook.answers
    )
