"""
Passwords: which are good enough, and the slow hash that keeps them.

Length is what counts (ASVS 5.0, 6.2): at least 15 characters, any characters, taken exactly as typed, no
rules about digits and signs. Refused are the ones everybody tries first, and those that are little more than
the person's name.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from broadcaster.errors import FieldError, Text, TooMany

LENGTH_MIN = 15
#: Long enough for any passphrase, short enough that nobody can make us hash a book.
LENGTH_MAX = 1024
#: One hashing takes 64 MiB; eight threads at once would take half a gigabyte.
AT_ONCE = 2
#: A sign-in that waits longer than this is told to come again, so that a flood cannot hold every thread of
#: the web.
WAIT_S = 5.0
#: What must be left of a password when the person's own name is taken out of it.
OWN_CHARACTERS_MIN = 8
#: Fewer different characters than this is a key held down or two keys in turn.
DIFFERENT_MIN = 5

#: The ones people choose first among those long enough; shorter ones are refused by their length.
COMMON = frozenset(
    """
    123456789012345 1234567890123456 12345678901234567890 123456789123456789 0123456789012345 012345678901234
    passwordpassword password12345678 password123456789 passw0rdpassw0rd mypasswordispassword thisismypassword
    administrator123 administrator1234 administratoradministrator adminadminadmin qwertyuiopasdfgh
    qwertyuiopasdfghjkl qwertyuiopasdfghjklzxcvbnm qwertyuiopåasdfghjklöä qwertyuiop12345 qwertyuiop123456
    qwerty1234567890 1q2w3e4r5t6y7u8i 1q2w3e4r5t6y7u8i9o0p 1qaz2wsx3edc4rfv 1qaz2wsx3edc4rfv5tgb
    qazwsxedcrfvtgb qazwsxedcrfvtgbyhnujm abcdefghijklmno abcdefghijklmnop abcdefghijklmnopqrstuvwxyz
    abcdefghijklmnopqrstuvwxyzåäö abc123abc123abc123 correcthorsebatterystaple iloveyouiloveyou
    letmeinletmeinletmein lösenordlösenord losenordlosenord lösenord12345678 losenord12345678
    mittlösenord12345 hemligthemligt1 hemligthemligthemligt välkommenvälkommen valkommenvalkommen
    välkommen123456 valkommen123456 sommarsommarsommar sverigesverige1 sverige123456789 regionregion1234
    regionvärmland1 regionvarmland1 regionvärmland123 regionvarmland123 landstinget1234 kommunikation123
    kommunikation1234 krisberedskap123 krisinformation krisinformation1 changemechangeme changeme12345678
    """.split()  # noqa: SIM905 - sixty words read better as lines
)


@dataclass(frozen=True)
class Kept:
    """A password as it is kept: the hash alone."""

    hash: str


@dataclass(frozen=True)
class Verdict:
    """Whether the password fits; `better_hash` replaces one weaker than today's (None: keep the old)."""

    right: bool
    better_hash: str | None


class Passwords:
    """The hashing of one process: at most `at_once` at a time, with `hasher`'s parameters (argon2id)."""

    def __init__(
        self, hasher: PasswordHasher | None = None, *, at_once: int = AT_ONCE, wait_s: float = WAIT_S
    ) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = BoundedSemaphore(at_once)
        self._wait_s = wait_s

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold one of the places for hashing. Raises `TooMany` if none is free within `wait_s`."""
        if not self._slots.acquire(timeout=self._wait_s):
            raise TooMany(
                "sign-in-busy",
                Text(
                    "Många loggar in just nu och ditt försök hann inte prövas. "
                    "Vänta två sekunder och försök igen.",
                    "Many are signing in right now and yours was not tried. Wait two seconds and try again.",
                ),
                retry_after_s=2,
            )
        try:
            yield
        finally:
            self._slots.release()

    def keep(self, password: str) -> "Kept":
        """Return the password as it is kept. Raises `TooMany` as `slot` does.

        Call it before a transaction: whoever checks a password holds a place and waits for the store, so who held the
        store and waited for a place would hold up everybody.
        """
        with self.slot():
            return Kept(self.hash(password))

    def hash(self, password: str) -> str:
        """Return the hash to keep. Hold a `slot` around it."""
        return self._hasher.hash(_octets(password))

    def check(self, kept: str | None, password: str) -> Verdict:
        """Tell whether `password` is the one `kept` was made from; hold a `slot` around it.

        Without a kept hash it takes as long to say no, so that nobody learns which names exist.
        """
        nobody = self._nobody  # made before the choice, or the first unknown name would take twice as long
        try:
            self._hasher.verify(kept or nobody, _octets(password[: LENGTH_MAX + 1]))
        except (VerificationError, InvalidHashError):
            return Verdict(False, None)
        if not kept:
            return Verdict(False, None)
        return Verdict(True, self.hash(password) if self._hasher.check_needs_rehash(kept) else None)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(secrets.token_bytes(32))


def fault(password: str, name: str) -> FieldError | None:
    """Return what is wrong with `password` as the new one of the person `name`, or None."""
    if _is_text(password) and LENGTH_MIN <= len(password) <= LENGTH_MAX:
        return _guessable(password.casefold(), name)
    return FieldError(
        "/password",
        Text(
            f"Lösenordet måste ha {LENGTH_MIN}–{LENGTH_MAX} tecken; det har {len(password)}. "
            "Ta till exempel fyra ord som inte hör ihop.",
            f"The password must have {LENGTH_MIN}–{LENGTH_MAX} characters; it has {len(password)}. "
            "Take four words that do not belong together, for example.",
        ),
    )


def _guessable(folded: str, name: str) -> FieldError | None:
    if folded in COMMON or len(set(folded)) < DIFFERENT_MIN:
        reason = Text(
            "Lösenordet hör till dem som prövas först.", "The password is one of those tried first."
        )
    elif len(folded.replace(name, "")) < OWN_CHARACTERS_MIN:
        reason = Text("Lösenordet är nästan bara ditt namn.", "The password is little more than your name.")
    else:
        return None
    return FieldError(
        "/password",
        Text(
            f"{reason.sv} Ta ett annat, till exempel fyra ord som inte hör ihop.",
            f"{reason.en} Take another, for example four words that do not belong together.",
        ),
    )


def _is_text(password: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in password)


def _octets(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
