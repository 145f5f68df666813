"""A form that another site made changes nothing."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import pytest

from broadcaster.auth.forgery import SIGN_IN_PAGE_S, SignInToken, require_same_site, require_token
from broadcaster.errors import Forbidden

HOST = "kris.region.example"
SECRET = "s" * 16 + "0123456789abcdef"


class Moving(Protocol):
    def move(self, *, seconds: float) -> None: ...

    def __call__(self) -> datetime: ...


def refused(act: Callable[[], None]) -> bool:
    """Tell whether `act` is refused with words that say what it means."""
    try:
        act()
    except Forbidden as refusal:
        return "Inget har ändrats" in refusal.detail.sv
    return False


@pytest.mark.parametrize(
    ("fetch_site", "origin", "host"),
    [
        ("same-origin", f"https://{HOST}", HOST),
        ("same-origin", "null", HOST),
        ("none", None, HOST),
        (None, f"https://{HOST}", HOST),
        (None, f"https://{HOST.upper()}", HOST),
        (None, f"https://{HOST}", f"{HOST}:443"),
        (None, f"https://{HOST}:443", HOST),
        (None, "http://127.0.0.1:8000", "127.0.0.1:8000"),
        (None, "http://[::1]:8000", "[::1]:8000"),
        (None, None, HOST),
    ],
)
def test_our_own_pages_and_programs_that_say_nothing_pass(
    fetch_site: str | None, origin: str | None, host: str
) -> None:
    require_same_site(fetch_site, origin, host)


@pytest.mark.parametrize(
    ("fetch_site", "origin"),
    [
        ("cross-site", None),
        ("cross-site", f"https://{HOST}"),
        ("same-site", f"https://{HOST}"),
        ("", None),
        ("SAME-ORIGIN", None),
        ("same-origin, none", None),
        (None, "https://evil.example"),
        (None, f"https://evil.example/{HOST}"),
        (None, f"https://{HOST}.evil.example"),
        (None, f"https://{HOST}@evil.example"),
        (None, f"https://evil.example@{HOST}"),
        (None, f"https://{HOST}:8443"),
        (None, f"ftp://{HOST}"),
        (None, "null"),
        (None, ""),
        (None, "https://[broken"),
        (None, "https://"),
    ],
)
def test_another_site_is_stopped(fetch_site: str | None, origin: str | None) -> None:
    assert refused(lambda: require_same_site(fetch_site, origin, HOST))


def test_the_token_of_the_session_must_be_there_exactly_once() -> None:
    require_token(["abc"], "abc")
    for presented in ([], [""], ["abd"], ["abc", "abc"], ["abc", "x"], ["å"], ["\udcff"], ["abc "]):
        assert refused(lambda presented=presented: require_token(presented, "abc"))  # type: ignore[misc]


def test_a_sign_in_page_left_open_over_a_watch_still_works_and_then_is_too_old(clock: Moving) -> None:
    tokens = SignInToken(SECRET, clock)
    token = tokens.make()
    tokens.require([token])
    clock.move(seconds=SIGN_IN_PAGE_S)
    tokens.require([token])
    clock.move(seconds=1)
    assert refused(lambda: tokens.require([token]))


def test_every_process_with_the_secret_takes_the_token_and_no_other_does(clock: Moving) -> None:
    token = SignInToken(SECRET, clock).make()
    SignInToken(SECRET, clock).require([token])
    assert refused(lambda: SignInToken(SECRET[::-1], clock).require([token]))


def test_a_changed_sign_in_token_is_refused(clock: Moving) -> None:
    tokens = SignInToken(SECRET, clock)
    token = tokens.make()
    made_at, number, signature = token.split(".")
    later = str(int(made_at) + 1)
    changed = [
        "",
        "..",
        "å.å.å",
        f"{later}.{number}.{signature}",
        f"{made_at}.{number[::-1]}.{signature}",
        f"{made_at}.{number}.{signature[:-1]}",
        f"{made_at}.{number}.{'0' * 64}",
        f"{token}\n",
        f"٣{token[1:]}",
    ]
    for value in changed:
        assert refused(lambda value=value: tokens.require([value]))  # type: ignore[misc]
    assert refused(lambda: tokens.require([]))
    assert refused(lambda: tokens.require([token, token]))


def test_no_two_sign_in_pages_are_alike(clock: Moving) -> None:
    tokens = SignInToken(SECRET, clock)
    assert tokens.make() != tokens.make()
