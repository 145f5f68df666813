"""What each `do` of a script does to one call. The script decides *that*; this decides *what*; the server carries it
out on the real connection.

"Applied" means the service carried the request out, whatever the caller gets to hear.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from broadcaster.sandbox.exchange import Answer, Request, Service
from broadcaster.sandbox.script import Action

BAD_GATEWAY = Answer(
    502, b"<!DOCTYPE html>\n<html><head><title>Error</title></head><body><h1>502 Bad Gateway</h1></body></html>\n",
    "text/html; charset=utf-8")
ELSEWHERE = Answer(302, b"", headers={"Location": "http://127.0.0.1:1/"})
"""To where nobody listens: a client that follows it has left its provider, and with a token in hand."""


class Wire(Protocol):
    """One connection with an unanswered request on it."""

    def send(self, answer: Answer) -> None:
        """Send the answer in one piece."""

    def drop(self) -> None:
        """Close the connection without a word."""

    def drip(self, answer: Answer) -> None:
        """Send the head, then one byte at a time, so slowly that the end never comes in time."""

    def hold(self) -> None:
        """Say nothing until the caller or the sandbox closes, or two minutes have passed."""

    def pause(self, seconds: float) -> None:
        """Wait; return early only when the sandbox closes."""

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        """Make the call after so many seconds, also when the connection is long gone; never after a reset."""


class Item:
    """An item of a batch, as a wire: whatever would have kept the answer from the caller leaves it without one."""

    def __init__(self) -> None:
        self.answer: Answer | None = None

    def send(self, answer: Answer) -> None:
        """Take the answer."""
        self.answer = answer

    def drop(self) -> None:
        """Stay without an answer."""

    def drip(self, answer: Answer) -> None:
        """Stay without an answer: it would have come too late."""

    def hold(self) -> None:
        """Stay without an answer."""

    def pause(self, seconds: float) -> None:
        """Wait no time: the batch is answered as a whole."""

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        """Make the call at once: nobody hears of it before the batch is answered anyway."""
        call()


def play(action: Action, service: Service, request: Request, wire: Wire) -> None:
    """Treat one call as the action says: carry it out or not, answer or not."""
    _PLAYS[action.name](action, service, request, wire)


def _drop_before(action: Action, service: Service, request: Request, wire: Wire) -> None:
    wire.drop()


def _applied_then_drop(action: Action, service: Service, request: Request, wire: Wire) -> None:
    service.handle(request)
    wire.drop()


def _error_500(action: Action, service: Service, request: Request, wire: Wire) -> None:
    wire.send(service.broken())


def _applied_then_500(action: Action, service: Service, request: Request, wire: Wire) -> None:
    service.handle(request)
    wire.send(service.broken())


def _html_502(action: Action, service: Service, request: Request, wire: Wire) -> None:
    wire.send(BAD_GATEWAY)


def _no_id(action: Action, service: Service, request: Request, wire: Wire) -> None:
    answer = service.handle(request)
    wire.send(replace(answer, body=b"{}") if 200 <= answer.status < 300 and answer.body else answer)


def _rate_limited(action: Action, service: Service, request: Request, wire: Wire) -> None:
    wire.send(service.limited(request))


def _token_dead(action: Action, service: Service, request: Request, wire: Wire) -> None:
    wire.send(service.locked_out(request))


def _refuse_drafts(action: Action, service: Service, request: Request, wire: Wire) -> None:
    wire.send(service.handle(replace(request, drafts_refused=True)))


def _drip(action: Action, service: Service, request: Request, wire: Wire) -> None:
    wire.drip(service.handle(request))


def _redirect(action: Action, service: Service, request: Request, wire: Wire) -> None:
    wire.send(ELSEWHERE)


def _hang(action: Action, service: Service, request: Request, wire: Wire) -> None:
    wire.hold()


def _slow(action: Action, service: Service, request: Request, wire: Wire) -> None:
    answer = service.handle(request)
    wire.pause(action.seconds)
    wire.send(answer)


def _late(action: Action, service: Service, request: Request, wire: Wire) -> None:
    wire.later(action.seconds, lambda: service.handle(request))
    wire.hold()


def _error(action: Action, service: Service, request: Request, wire: Wire) -> None:
    wire.send(service.handle(replace(request, refusal=action.numbers)))


def _list_lag(action: Action, service: Service, request: Request, wire: Wire) -> None:
    wire.send(service.handle(replace(request, list_lag_s=action.seconds)))


def _fated(action: Action, service: Service, request: Request, wire: Wire) -> None:
    wire.send(service.handle(replace(request, fate=action.name)))


_PLAYS: dict[str, Callable[[Action, Service, Request, Wire], None]] = {
    "drop_before": _drop_before, "applied_then_drop": _applied_then_drop, "error_500": _error_500,
    "applied_then_500": _applied_then_500, "html_502": _html_502, "no_id": _no_id, "rate_limited": _rate_limited,
    "token_dead": _token_dead, "refuse_drafts": _refuse_drafts, "drip": _drip, "redirect": _redirect, "hang": _hang,
    "slow": _slow, "late": _late, "list_lag": _list_lag,
    "error": _error,
    "lost": _fated, "undelivered": _fated, "refused": _fated,
}
