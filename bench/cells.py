"""What is measured. In every cell ours and what stands beside it take turns, so that a slow minute hits both."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.product import NotAccepted, free_port
from bench.proxy import Proxy
from bench.rig import Listening, Rig, Sent, rig
from bench.table import Line, Spread, spread

SERVICES = ("graph", "cms", "phone")
CONNECTIONS = 200
#: Readers run this long before anything is sent, so that caches and queues are as full as they get.
SURGE_S = 2.0
SURGE_MAX_S = 60.0
#: A channel that hangs answers after so long: longer than any call waits.
HANGS_S = 3600.0


@dataclass(frozen=True)
class Plan:
    """How often and how long. `idle_copies` services stand idle at once, so that the wait is waited once."""

    runs: dict[float, int]
    deliveries: Sequence[int]
    idle_s: float
    idle_copies: int
    surge_runs: int


def fan_out(folder: Path, plan: Plan) -> Iterator[Line]:
    """From the POST to the last channel having its request, and to the last receipt, by N and the channels' delay."""
    for deliveries in plan.deliveries:
        at_once: list[float] = []
        for delay_s, runs in plan.runs.items():
            cell = f"N = {deliveries}, {1000 * delay_s:.0f} ms"
            # One service per cell: a database that has grown, or a look that falls due, must not be part of the figure.
            with rig(folder / f"{deliveries}-{delay_s}", deliveries) as made:
                made.delay(**dict.fromkeys(SERVICES, delay_s))
                ours, theirs = _in_turns(made.ours, made.theirs, runs)
            words = [one.last_words for one in ours]
            bare = [one.last_words for one in theirs]
            yield Line(cell, "last channel has its request", spread(words), "bare client", spread(bare))
            yield Line(cell, "last request that makes words public", _public(ours), "bare client", spread(bare))
            received = [one.receipt for one in ours if one.receipt is not None]
            if received:
                yield Line(cell, "last receipt", spread(received), "bare client's last request", spread(bare))
            if delay_s and at_once:
                yield Line(cell, "waves: last request", spread(words), "the same at 0 ms", spread(at_once))
            at_once = at_once or words


def hanging(folder: Path, plan: Plan) -> Iterator[Line]:
    """One channel hangs: when do the others have their requests?"""
    deliveries = max(n for n in plan.deliveries if n <= 6)
    with rig(folder / "hanging", deliveries) as made:
        well = [made.ours() for _ in range(plan.surge_runs)]
        made.delay(phone=HANGS_S)
        ill = [made.ours(hung="phone") for _ in range(5)]
    cell = f"N = {deliveries}, the phone gateway hangs"
    yield Line(cell, "last other channel has its request", _others(ill), "nobody hangs", _others(well))


def idleness(folder: Path, plan: Plan) -> Iterator[Line]:
    """The first message after minutes without any, beside the same services when busy."""
    with ExitStack() as stack:
        rigs = {
            deliveries: [
                stack.enter_context(rig(folder / f"{deliveries}-{copy}", deliveries))
                for copy in range(plan.idle_copies)
            ]
            for deliveries in plan.deliveries
            if deliveries > 2
        }
        busy = {n: _some(copies, 5) for n, copies in rigs.items()}
        time.sleep(plan.idle_s)
        first = {n: _some(copies, 1) for n, copies in rigs.items()}
    for deliveries, (ours, theirs) in first.items():
        cell = f"N = {deliveries}, after {plan.idle_s:.0f} idle s"
        yield Line(cell, "last channel has its request", ours, "ours, busy", busy[deliveries][0])
        yield Line(cell, "the bare client's", theirs, "bare client, busy", busy[deliveries][1])


def surge(folder: Path, plan: Plan) -> Iterator[Line]:
    """Sending while readers hammer the public pages: through the proxy, then on the process made for readers."""
    if Proxy.is_here():
        proxy = Proxy(folder / "nginx", free_port())
        with rig(folder / "proxied", 6, proxy=proxy) as made:
            yield from _hammered(made, plan, proxy.port, "through nginx")
    with rig(folder / "readers", 6) as made:
        port = free_port()
        readers = made.product.start("public", port)
        try:
            time.sleep(5)
            yield from _hammered(made, plan, port, "on `broadcaster public`")
        finally:
            readers.terminate()
            readers.wait(60)


def _hammered(made: Rig, plan: Plan, port: int, where: str) -> Iterator[Line]:
    before = [made.ours().last_words for _ in range(plan.surge_runs)]
    readers = Listening("bench.hammer", str(port), str(CONNECTIONS))
    try:
        time.sleep(SURGE_S)
        during, lost = _while_hammered(made, plan.surge_runs)
    finally:
        told = json.loads(readers.close().strip().splitlines()[-1])
    by_status = ", ".join(f"{count} × {status}" for status, count in sorted(told["answers"].items()))
    what = f"last channel has its request (readers got {by_status} in {told['seconds']} s"
    what += f"; our POSTs got {made.product.faults} × 500 and were asked again; {lost} messages were never accepted)"
    yield Line(f"N = 6, {CONNECTIONS} readers {where}", what, spread(during), "no readers", spread(before))


def _while_hammered(made: Rig, runs: int) -> tuple[list[float], int]:
    """Send while readers hammer. One that was never accepted counts for as long as it was asked."""
    during: list[float] = []
    lost, ends = 0, time.monotonic() + SURGE_MAX_S
    while not during or (len(during) < runs and time.monotonic() < ends):
        began = time.monotonic()
        try:
            during.append(made.ours().last_words)
        except NotAccepted:
            lost += 1
            during.append(time.monotonic() - began)
    return during, lost


def _in_turns(ours: Callable[[], Sent], theirs: Callable[[], Sent], runs: int) -> tuple[list[Sent], list[Sent]]:
    found: tuple[list[Sent], list[Sent]] = ([], [])
    for number in range(runs):
        for which in (0, 1) if number % 2 else (1, 0):
            found[which].append((ours, theirs)[which]())
    return found


def _public(sent: list[Sent]) -> Spread:
    return spread([one.last_public for one in sent])


def _others(sent: list[Sent]) -> Spread:
    return spread([max(at for service, at in one.by_service.items() if service != "phone") for one in sent])


def _some(rigs: Sequence[Rig], times: int) -> tuple[Spread, Spread]:
    ours, theirs = [], []
    for one in rigs:
        for _ in range(times):
            ours.append(one.ours().last_words)
            theirs.append(one.theirs().last_words)
    return spread(ours), spread(theirs)
