"""
What a request comes to: which words on which channels in which languages, proved to fit before anything is promised.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from broadcaster.channels import limit_of
from broadcaster.channels.names import channel_name
from broadcaster.errors import FieldError, Invalid, Text
from broadcaster.picture import Picture
from broadcaster.playbook import Fill, Snapshot, Stamp, message_digest
from broadcaster.request import SendRequest

#: Nobody remembers a promise for longer.
PROMISED_MAX = timedelta(days=7)


@dataclass(frozen=True)
class Composition:
    """Approved words with the blanks filled. `plan` is every (channel, language), in the playbook's order."""

    snapshot: Snapshot
    fill: Fill
    channels: tuple[str, ...]
    plan: tuple[tuple[str, str], ...]
    digest: str

    @property
    def silent(self) -> frozenset[str]:
        """The channels that are struck themselves, and so say nothing."""
        return self.snapshot.silent(self.fill.phase, self.fill.affected)

    @property
    def covered(self) -> frozenset[tuple[str, str]]:
        """Every (channel, language) that is really said."""
        silent = self.silent
        return frozenset(pair for pair in self.plan if pair[0] not in silent)

    def words(self, channel: str, language: str, stamp: Stamp) -> str:
        """Return the exact words for one object."""
        return self.snapshot.render(self.fill, channel, language, stamp)

    def pictures(self, channel: str, language: str) -> tuple[Picture, ...]:
        """Return the pictures that go with one object's words, without their bytes."""
        return self.snapshot.pictures(self.fill.phase, channel, language, self.fill.mode)

    def open_words(self) -> dict[str, dict[str, str]]:
        """Return the words per channel and language with mark, times and link left open."""
        words: dict[str, dict[str, str]] = {}
        for channel, language in self.plan:
            words.setdefault(channel, {})[language] = self.snapshot.render(self.fill, channel, language, None)
        return words


def compose(
    request: SendRequest,
    snapshot: Snapshot,
    configured: Mapping[str, Any],
    incident: str | None,
    affected: list[str],
) -> Composition:
    """Return what `request` comes to. Raises `Invalid` with every wrong field at once."""
    if request.phase not in snapshot.phases:
        raise _invalid([FieldError("/phase", _no_such_phase(request.phase))])
    channels, faults = _channels(request, snapshot, configured)
    blanks, wrong = snapshot.accept(request.phase, request.blanks, request.sentence, affected)
    faults.extend(wrong)
    if request.next_update is not None and snapshot.next_due(request.phase, request.next_update) is None:
        faults.append(FieldError("/next_update", _NO_PROMISE))
    if faults:
        raise _invalid(faults)
    fill = Fill(
        phase=request.phase,
        mode=request.mode,
        blanks=blanks,
        affected=frozenset(affected),
        sentence=request.sentence,
        next_update=request.next_update.astimezone(UTC) if request.next_update else None,
    )
    plan = tuple((channel, lang) for channel in channels for lang in snapshot.languages_of(channel, request.phase))
    digest = message_digest(snapshot, fill, incident=incident, channels=channels)
    return Composition(snapshot, fill, channels, plan, digest)


def compose_again(snapshot: Snapshot, fill: Fill, channels: tuple[str, ...], incident: str | None) -> Composition:
    """Return what a stored message came to."""
    plan = tuple((channel, lang) for channel in channels for lang in snapshot.languages_of(channel, fill.phase))
    return Composition(
        snapshot, fill, channels, plan, message_digest(snapshot, fill, incident=incident, channels=channels)
    )


def check_sayable(composition: Composition, stamp: Stamp) -> None:
    """Raise `Invalid` if any channel cannot hold its words, or they promise a time that is over or too far away.

    The playbook's own words always fit, and so does the time it promises itself.
    """
    chosen, faults = composition.fill.next_update, list[FieldError]()
    if chosen is not None and not stamp.at < chosen <= stamp.at + PROMISED_MAX:
        faults.append(FieldError("/next_update", _PASSED))
    for channel, language in composition.plan:
        words, limit = composition.words(channel, language, stamp), limit_of(channel)
        spoken = len(words.split())
        if len(words) <= limit.characters and (limit.words is None or spoken <= limit.words):
            continue
        name = channel_name(channel)
        faults.append(
            FieldError(
                "/sentence" if composition.fill.sentence else "/blanks",
                Text(
                    f"Texten blir för lång för {name.sv} ({language}): {len(words)} tecken, högst {limit.characters}. "
                    "Korta det du fyllt i.",
                    f"The text is too long for {name.en} ({language}): {len(words)} characters, "
                    f"at most {limit.characters}. Shorten what you filled in.",
                ),
            )
        )
    if faults:
        raise _invalid(faults)


def _channels(
    request: SendRequest, snapshot: Snapshot, configured: Mapping[str, Any]
) -> tuple[tuple[str, ...], list[FieldError]]:
    possible = tuple(key for key in snapshot.channels if key in configured)
    if request.channels is None:
        if possible:
            return possible, []
        return (), [FieldError("/channels", _NO_CHANNELS)]
    faults = [
        FieldError(f"/channels/{index}", _no_such_channel(key, possible))
        for index, key in enumerate(request.channels)
        if key not in possible
    ]
    return tuple(key for key in possible if key in request.channels), faults


def _invalid(faults: list[FieldError]) -> Invalid:
    return Invalid(
        "fields",
        Text(
            "Beskedet kan inte göras så här, så inget har skickats. Rätta uppgifterna som listas och försök igen.",
            "The message cannot be made like this, so nothing has been sent. Correct the fields listed and try again.",
        ),
        fields=tuple(faults),
    )


def _no_such_phase(phase: str) -> Text:
    return Text(
        f"Krismallen har inga ord för skedet {phase}. Välj ett annat skede.",
        f"The playbook has no words for the phase {phase}. Choose another phase.",
    )


def _no_such_channel(key: str, possible: tuple[str, ...]) -> Text:
    known = ", ".join(possible)
    return Text(
        f"Kanalen {key} finns inte i krismallen eller är inte inställd. Välj bland: {known}.",
        f"The channel {key} is not in the playbook or not set up. Choose among: {known}.",
    )


_NO_PROMISE = Text(
    "Orden i det här skedet lovar inget nästa besked. Ta bort next_update.",
    "The words of this phase promise no next message. Leave next_update out.",
)
_PASSED = Text(
    "Nästa besked kan bara lovas till en tid som inte har passerat, högst sju dygn bort. Välj en annan tid. "
    "Väntar beskedet på ett ja: säg nej, och gör det på nytt.",
    "The next message can only be promised by a time that has not passed, at most seven days away. Choose another. "
    "If the message waits for a yes: say no, and make it anew.",
)
_NO_CHANNELS = Text(
    "Ingen av krismallens kanaler är inställd. Be en administratör om inställningarna för kanalerna.",
    "None of the playbook's channels is set up. Ask an administrator for the channel settings.",
)
