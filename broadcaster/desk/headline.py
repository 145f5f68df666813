"""
The one sentence on top of the live board: what is out where, and what somebody has to do.

Counted by channel, as people think of it: a channel has it when it has it in every language it was meant to. A channel
the event has struck, or one that needs nothing, is no channel that has failed.

    headline   the sentence, its sign, and what the title of the page begins with
    tally      how many channels have a message, of how many
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from broadcaster.errors import Text

_RUNNING = frozenset({"owed", "sending"})
_OPEN = _RUNNING | {"retrying", "uncertain"}
_MISSED = frozenset({"failed", "expired"})


@dataclass(frozen=True)
class Fact:
    """Where one delivery stands. `has_receipt`: its words have stood there, whatever is being done to them now."""

    channel: str
    name: Text
    state: str
    intent: str = "publish"
    has_receipt: bool = False
    by_hand: bool = False

    @property
    def is_out(self) -> bool:
        """Tell whether the public can read it: also while its top line is being changed."""
        return self.state == "published" or (self.intent == "update" and self.has_receipt)


@dataclass(frozen=True)
class Tally:
    """How many channels have it in all their languages, of how many that should."""

    out: int
    total: int


@dataclass(frozen=True)
class Matters:
    """All that the sentence may know. `newest` are the deliveries of the message that was let out last."""

    newest: Sequence[Fact] = ()
    older: Sequence[Fact] = ()
    recalled: bool = False  #: the newest message was taken back
    held: bool = False  #: nothing of it has left, and it can still be stopped
    stopped: bool = False  #: it was taken back before anything had left
    sent: bool = True  #: a message was let out at all
    waiting: int = 0  #: messages that wait for a yes
    late: bool = False  #: the promised next message has not come
    drill: bool = False
    may_act: bool = True  #: the reader may do what is to be done


@dataclass(frozen=True)
class Headline:
    """What is said, part by part; `kind` and `sign` as of a `Look`; `title` is put before the page's title."""

    kind: str
    sign: str
    parts: tuple[Text, ...]
    tasks: int

    @property
    def words(self) -> Text:
        """The whole sentence."""
        return Text(" ".join(one.sv for one in self.parts), " ".join(one.en for one in self.parts))

    @property
    def title(self) -> str:
        """What the title says, so that it is seen in a row of tabs."""
        if self.kind in ("bad", "wait"):
            return "(!) "
        return "✓ " if self.kind == "good" else ""


def tally(facts: Iterable[Fact]) -> Tally:
    """Return how many channels have it, of how many that should."""
    channels = _by_channel(facts)
    return Tally(sum(all(one.is_out for one in said) for said in channels.values()), len(channels))


def headline(of: Matters) -> Headline:
    """Return the sentence that tells the truth about every channel and what is to be done."""
    channels = _by_channel(of.newest)
    tasks = _tasks(of)
    parts = [Text("ÖVNING, inget av detta är på riktigt.", "EXERCISE, none of this is real.")] if of.drill else []
    if not of.sent:
        parts.append(Text("Inget är skickat än.", "Nothing has been sent yet."))
    elif of.held:
        parts.append(Text("Inget har gått ut än. Det går att stoppa.", "Nothing has left yet. It can be stopped."))
    elif of.stopped:
        parts.append(Text("Stoppat. Inget gick ut någonstans.", "Stopped. Nothing went out anywhere."))
    else:
        parts += [_where(channels, of.recalled), *_troubles(channels, of.newest, of.recalled)]
    parts += [*_older(of.older), *_waits(of), *_to_do(of, tasks)]
    kind = _kind(of, channels, tasks)
    sign = {"bad": "✕", "wait": "!", "busy": "→", "good": "✓"}.get(kind, "–")
    return Headline(kind, sign, tuple(one for one in parts if one.sv), tasks)


def _by_channel(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for one in facts:
        if one.state not in ("skipped", "affected"):
            found.setdefault(one.channel, []).append(one)
    return found


def _where(channels: dict[str, list[Fact]], recalled: bool) -> Text:
    if recalled:
        gone, total = sum(not any(_may_stand(one) for one in said) for said in channels.values()), len(channels)
        return Text(f"Tillbakadraget. Borta i {_of(gone, total).sv}.", f"Recalled. Gone from {_of(gone, total).en}.")
    got = Tally(sum(all(one.is_out for one in said) for said in channels.values()), len(channels))
    some = any(one.is_out for said in channels.values() for one in said)
    if not got.total:
        return Text("Beskedet ska inte ut i någon kanal.", "The message is due in no channel.")
    if not got.out and not some:
        doubt = any(one.state == "uncertain" for said in channels.values() for one in said)
        if doubt:
            return Text("Inte säkert ute någonstans.", "Not certainly out anywhere.")
        more = any(one.state in _OPEN for said in channels.values() for one in said)
        return Text(f"Inte ute någonstans{' än' if more else ''}.", f"Not out anywhere{' yet' if more else ''}.")
    hands = sum(all(one.is_out for one in said) and any(one.by_hand for one in said) for said in channels.values())
    by = Text(f", {hands} för hand", f", {hands} by hand") if hands else Text("", "")
    where = _of(got.out, got.total)
    return Text(f"Ute i {where.sv}{by.sv}.", f"Out in {where.en}{by.en}.")


def _of(some: int, total: int) -> Text:
    if some == total:
        return Text(f"alla {total} kanaler", f"all {total} channels") if total > 1 else Text("kanalen", "the channel")
    ending = "kanal" if total == 1 else "kanaler", "channel" if total == 1 else "channels"
    return Text(f"{some} av {total} {ending[0]}", f"{some} of {total} {ending[1]}")


def _may_stand(one: Fact) -> bool:
    """Tell whether what was recalled may still be read there."""
    return one.state == "published" or (one.intent == "withdraw" and one.state not in ("withdrawn", "superseded"))


def _troubles(channels: dict[str, list[Fact]], facts: Sequence[Fact], recalled: bool) -> Iterable[Text]:
    """Yield a sentence for everything that is not simply out: each channel by the worst that is true of it."""
    worst = {key: _worst(said) for key, said in channels.items()}

    def named(*kinds: str) -> list[Text]:
        return [channels[key][0].name for key, kind in worst.items() if kind in kinds]

    yield _said(named("uncertain"), ("kontrolleras", "kontrolleras"), ("is being checked", "are being checked"))
    yield _said(named("retrying"), ("försöks igen", "försöks igen"), ("is tried again", "are tried again"))
    does, being = ("tas bort", "being taken down") if recalled else ("skickas", "being sent")
    yield _said(named("running"), (does, does), (f"is {being}", f"are {being}"))
    missed = named("missed")
    if len(missed) < len(channels):  # else it has been said already
        yield _said(missed, ("fick det inte", "fick det inte"), ("did not get it", "did not get it"))
    partly = [said[0].name for said in channels.values() if {one.is_out for one in said} == {True, False}]
    yield _said(partly, ("är ute på en del av språken",) * 2, ("is out in some languages", "are out in some languages"))
    whole = {one.channel: one.name for one in facts if one.state == "affected" and one.channel not in channels}
    if whole:
        sv, en = (", ".join(one.in_(language) for one in whole.values()) for language in ("sv", "en"))
        yield Text(f"Drabbat av händelsen: {sv}.", f"Struck by the event: {en}.")


def _worst(said: Sequence[Fact]) -> str:
    states = {one.state for one in said if one.state != "published"}
    for kind, among in (("uncertain", {"uncertain"}), ("retrying", {"retrying"}), ("missed", _MISSED)):
        if states & among:
            return kind
    return "running" if states & _RUNNING else ""


def _said(names: Sequence[Text], sv: Sequence[str], en: Sequence[str]) -> Text:
    """Return who and what; up to two by name, more by their number."""
    if not names:
        return Text("", "")
    if len(names) > 2:
        return Text(f"{len(names)} kanaler {sv[1]}.", f"{len(names)} channels {en[1]}.")
    many = len(names) > 1
    swedish, english = " och ".join(one.sv for one in names), " and ".join(one.en for one in names)
    return Text(f"{swedish} {sv[many]}.", f"{english} {en[many]}.")


def _older(older: Sequence[Fact]) -> Iterable[Text]:
    names = {one.channel: one.name for one in older if one.state in _OPEN}
    if names:
        sv, en = (", ".join(one.in_(language) for one in names.values()) for language in ("sv", "en"))
        yield Text(f"Äldre besked rättas eller kontrolleras: {sv}.", f"Older messages are put right or checked: {en}.")


def _waits(of: Matters) -> Iterable[Text]:
    if of.waiting:
        count = of.waiting
        sv = "Ett besked väntar på ja." if count == 1 else f"{count} besked väntar på ja."
        yield Text(sv, "A message waits for a yes." if count == 1 else f"{count} messages wait for a yes.")
    if of.late:
        yield Text("Nästa besked är försenat.", "The next message is late.")


def _tasks(of: Matters) -> int:
    """Return how many things a person has to do: one for each channel of a message, and a message that is late."""
    newest, older = (
        len({one.channel for one in facts if one.state == "needs_person"}) for facts in (of.newest, of.older)
    )
    return newest + older + of.late


def _to_do(of: Matters, tasks: int) -> Iterable[Text]:
    if tasks:
        things = Text("1 sak", "1 thing") if tasks == 1 else Text(f"{tasks} saker", f"{tasks} things")
        if of.may_act:
            yield Text(f"Du behöver göra {things.sv}.", f"You need to do {things.en}.")
        else:
            yield Text(f"{things.sv} behöver göras av en person.", f"{things.en} to be done by a person.")
    elif not of.waiting and of.sent and all(one.state not in _OPEN | _MISSED for one in (*of.newest, *of.older)):
        yield Text("Du behöver inte göra något nu.", "You need not do anything now.")


def _kind(of: Matters, channels: dict[str, list[Fact]], tasks: int) -> str:
    states = {one.state for said in channels.values() for one in said}
    if states & _MISSED or of.late:
        return "bad"
    if tasks or of.waiting or not of.sent or "uncertain" in states:
        return "wait"
    if states & _OPEN or any(one.state in _OPEN for one in of.older):
        return "busy"
    return "off" if of.recalled or not channels else "good"
