"""
What Facebook's errors prove: one table, decided on `code`, then `error_subcode`, never on the text.

The one exception is 368: either a block or "you have already posted this", and only its text tells which.
What each of them means for people stands in `_graph_words`.
Sources: Meta's table of error codes and rate limits for the Graph API, and reports from the field.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, Field

from broadcaster.channels import Fact, Outcome, Reason, Step
from broadcaster.channels._graph_words import name_of
from broadcaster.channels._http import Answer, judge
from broadcaster.channels._page_usage import RATE_WAIT_S, told_wait_s

BLOCKED_WAIT_S = 3600.0  #: posting again lengthens a block

_Code = Annotated[int, Field(ge=-(2**31), lt=2**31)]


class GraphError(BaseModel):
    """The `error` member of an answer. Its texts may quote our words, so they are never logged."""

    code: _Code
    error_subcode: _Code | None = None
    is_transient: bool | None = None
    message: str | None = None
    error_user_msg: str | None = None
    fbtrace_id: str | None = None


class GraphAnswer(BaseModel):
    """What every answer of Facebook may carry."""

    error: GraphError | None = None
    id: object = None


_CODES: Mapping[int, Reason] = {
    **dict.fromkeys((1, 2), Reason.SERVER),
    **dict.fromkeys((4, 17, 32, 341, 613, *range(80000, 80015)), Reason.RATE),
    **dict.fromkeys((102, 190, 459), Reason.TOKEN),
    **dict.fromkeys((3, 5, 10, 1705, *range(200, 300)), Reason.PERMISSION),
    368: Reason.BLOCKED,
    506: Reason.IDENTICAL,
}

#: Subcodes that say more than their code.
_SUBCODES: Mapping[int, Reason] = {
    33: Reason.GONE,
    **dict.fromkeys((1363047, 1609010), Reason.SERVER),  # "service unavailable" behind any code
    **dict.fromkeys((2069030, 2069031, 2069033), Reason.CONTENT),  # the interface no longer has it
    **dict.fromkeys((1404006, 4854002, 1404078), Reason.PERMISSION),  # the account has to prove itself
    **dict.fromkeys((1390008, 1404112), Reason.BLOCKED),  # too fast; limited for days
    1455006: Reason.IDENTICAL,
}

#: Refusals of a draft that are about something else than its being a draft.
_NOT_ABOUT_DRAFTS = frozenset({Reason.TOKEN, Reason.RATE, Reason.BLOCKED, Reason.IDENTICAL})


def refused(answer: Answer, step: Step | None = None) -> Outcome | None:
    """Return what the error in `answer` proves, or None where there is none and the status says done.

    An error inside a 200 counts. A redirect or a 5xx is uncertain whatever it says; so is an error beside the id of a
    new post, and a 4xx without an error that can be read, for Facebook's own refusals always have one. A certain
    refusal of a draft that is about its being a draft is `NO_DRAFTS`.
    """
    found = _found(answer)
    refused_draft = step is Step.DRAFT and found is not None and found.fact is Fact.REFUSED
    if found is None or not refused_draft or found.reason in _NOT_ABOUT_DRAFTS:
        return found
    return replace(found, reason=Reason.NO_DRAFTS, trouble=None)


def _found(answer: Answer) -> Outcome | None:
    read, by_status = answer.read(GraphAnswer), judge(answer)
    error = read.error if read else None
    if read is None or error is None:
        unread = by_status is not None and by_status.fact is Fact.REFUSED and by_status.reason is not Reason.RATE
        return answer.unproven("without an error that can be read") if unread else by_status
    if not (200 <= answer.status < 300 or 400 <= answer.status < 500):
        return replace(answer.unproven(_note(error)), **_named(error, Reason.SERVER))
    return answer.unproven("with an error and an id") if read.id else _by_code(answer, error)


def _by_code(answer: Answer, error: GraphError) -> Outcome:
    reason = _reason(error)
    fact = Fact.UNCERTAIN if reason is Reason.SERVER else Fact.REFUSED
    rate_s = told_wait_s(answer.headers) or RATE_WAIT_S
    wait_s = {Reason.BLOCKED: BLOCKED_WAIT_S, Reason.RATE: rate_s}.get(reason)
    return answer.outcome(fact, reason, _note(error), wait_s=wait_s, **_named(error, reason))


def _named(error: GraphError, reason: Reason) -> dict[str, Any]:
    """Return whose error it is: its numbers, and the name of its words where they are about this very `reason`."""
    already = reason is Reason.IDENTICAL and error.code == 368
    trouble = "facebook:already" if already else name_of(error.code, error.error_subcode)
    said = already or (_listed(error) or Reason.CONTENT) is reason
    return {"code": error.code, "subcode": error.error_subcode, "trouble": trouble if said else None}


def _reason(error: GraphError) -> Reason:
    if error.code == 368 and _says_already_posted(error):
        return Reason.IDENTICAL
    # Of a code nobody has described, "try again later" does not say that nothing was done.
    return _listed(error) or (Reason.SERVER if error.is_transient else Reason.CONTENT)


def _listed(error: GraphError) -> Reason | None:
    """Return what the tables say of its subcode, or else of its code."""
    known = None if error.error_subcode is None else _SUBCODES.get(error.error_subcode)
    if known is not None and (known is not Reason.GONE or error.code == 100):
        return known
    return _CODES.get(error.code)


def _says_already_posted(error: GraphError) -> bool:
    said = f"{error.message} {error.error_user_msg}".lower()
    return "already posted" in said or "redan publicerat" in said or "redan lagt upp" in said


def _note(error: GraphError) -> str:
    trace = re.fullmatch(r"[\w-]{1,40}", error.fbtrace_id or "", re.ASCII)
    subcode = "" if error.error_subcode is None else f"/{error.error_subcode}"
    return f"code {error.code}{subcode}{f' trace {trace[0]}' if trace else ''}"
