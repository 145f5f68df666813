"""What the way out reads of an answer and what it lets go on: waits, details for the log, addresses for people."""

from datetime import UTC, datetime

import httpx
import pytest

from broadcaster.channels._http import public_address, retry_after_s, scrub

NOW = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        ("300", 300),
        ("301", 300),
        ("999999999", 300),
        ("99999999999999999999", 15),
        ("-1", 15),
        ("nan", 15),
        ("inf", 15),
        ("-inf", 15),
        ("1e3", 15),
        ("1.5", 15),
        ("", 15),
        ("soon", 15),
        ("７", 15),
        ("Sat, 14 Mar 2026 01:40:30 GMT", 30),
        ("Sat, 14 Mar 2026 02:40:00 GMT", 300),
        ("Sat, 14 Mar 2026 01:39:00 GMT", 15),
        ("Sat, 14 Mar 2099 01:39:00 GMT", 15),
        ("Sat, 99 Mar 2026 01:39:00 GMT", 15),
        ("Sat, 14 Mar 99999 01:39:00 GMT", 15),
        ("Sat, 14 Mar 2026 01:40:30", 30),
    ],
)
def test_retry_after_is_read_but_not_trusted(text: str, seconds: float) -> None:
    """Seconds and dates are read, nonsense gives fifteen seconds, nothing gives more than five minutes."""
    assert retry_after_s(httpx.Headers([(b"retry-after", text.encode("utf-8"))]), NOW) == seconds


def test_retry_after_missing_waits_fifteen_seconds() -> None:
    """A 429 that names no time is believed for a short while."""
    assert retry_after_s(httpx.Headers(), NOW) == 15


def test_a_detail_is_one_line_without_secrets() -> None:
    """Tokens, query strings, control characters and length are taken out before anything is logged."""
    said = scrub("GET https://x/y?access_token=abc\nBearer EAAB PAGETOK\x1b[0m " + "z" * 500, ["PAGETOK"])
    assert said.startswith("GET https://x/y?… Bearer … … [0m zzz")
    assert len(said) == 200


@pytest.mark.parametrize(
    ("base", "address", "expected"),
    [
        ("https://cms.example", "https://www.1177.se/notis", "https://www.1177.se/notis"),
        ("https://cms.example", "/notis", "https://cms.example/notis"),
        ("https://cms.example", "http://www.1177.se/notis", None),
        ("https://cms.example", "http://127.0.0.1/notis", None),
        ("https://cms.example", "javascript:alert(1)", None),
        ("https://cms.example", "https://[bad", None),
        ("https://cms.example", "https://x/\ny", "https://x/y"),
        ("https://cms.example", "https://x/\x1b", None),
        ("https://cms.example", "", None),
        ("https://cms.example", None, None),
        ("http://127.0.0.1:8001/cms", "http://127.0.0.1:8001/1177/x", "http://127.0.0.1:8001/1177/x"),
        ("http://127.0.0.1:8001/cms", "https://www.1177.se/notis", "https://www.1177.se/notis"),
        ("http://127.0.0.1:8001/cms", "//www.1177.se/notis", None),
    ],
)
def test_only_addresses_people_can_follow_are_kept(base: str, address: str | None, expected: str | None) -> None:
    """People get https; plain http is followed only from an imitation on this machine to this machine."""
    assert public_address(base, address) == expected
