"""A body is read in one way or refused: what is checked is what is sent."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.api.bodies import DEPTH_MAX, idempotency_key, json_body, parse
from broadcaster.auth.headers import BODY_BYTES_MAX
from broadcaster.errors import Malformed, Refusal, TooLarge, WrongType

WEB = Flask(__name__)


def read(data: bytes = b"", *, may_be_empty: bool = False, **headers: str) -> object:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    with WEB.test_request_context("/", method="POST", data=data, headers=given):
        return json_body(may_be_empty=may_be_empty)


def status(raw: bytes) -> int:
    try:
        parse(raw)
    except Refusal as refused:
        return refused.status
    return 200


def key(*given: str, required: bool = True) -> str | None:
    with WEB.test_request_context("/", method="POST", headers=[("Idempotency-Key", one) for one in given]):
        return idempotency_key(required=required)


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"']
)
def test_json_in_utf8_is_taken(kind: str) -> None:
    assert read('{"plats": "Åmål"}'.encode(), Content_Type=kind) == {"plats": "Åmål"}


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/json",
        "application/merge-patch+json",
        "application/json; charset=utf-7",
        "application/json; a=b",
        "application/json, application/json",
        "application/json; charset=utf-16",
    ],
)
def test_any_other_kind_of_body_is_refused(kind: str) -> None:
    with pytest.raises(WrongType):
        read(b"{}", Content_Type=kind)


def test_a_packed_body_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(WrongType):
        read(b"\x1f\x8b" + b"\0" * 100, Content_Type="application/json", Content_Encoding="gzip")


def test_a_body_of_exactly_64_kib_is_read_and_one_byte_more_is_not() -> None:
    body = b'{"a": "' + b"x" * (BODY_BYTES_MAX - 9) + b'"}'
    assert len(body) == BODY_BYTES_MAX
    assert read(body, Content_Type="application/json") == {"a": "x" * (BODY_BYTES_MAX - 9)}
    with pytest.raises(TooLarge):
        read(body + b" ", Content_Type="application/json")


def test_no_body_says_nothing_only_where_nothing_has_to_be_said() -> None:
    assert read(may_be_empty=True) == {}
    assert read(b" \n", may_be_empty=True, Content_Type="application/json") == {}
    with pytest.raises(Malformed):
        read(Content_Type="application/json")
    with pytest.raises(WrongType):
        read(b"x", may_be_empty=True)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{}{}",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"// x\n{}",
        b"\xff",
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        '{"a": 1}'.encode("utf-32"),
        b'{"mode": "drill", "mode": "live"}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e400}',
        b'{"a": 9007199254740993}',
        b'{"a": 1e17}',
        b'{"a": ' + b"9" * 400 + b"}",
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": "\x00"}',
        b"[" * 60_000,
        b"[" * 60_000 + b"]" * 60_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b"\xed\xa0\x80",
        b"\xc0\xaf",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        parse(raw)
    assert refused.value.slug == "unreadable-body"
    assert "Inget har gjorts" in refused.value.detail.sv


def test_everything_an_honest_client_writes_is_read() -> None:
    assert parse(b'{"a": 9007199254740992, "b": -1.5e3, "c": "\\ud83d\\ude91", "d": [true, null]}') == {
        "a": 2**53, "b": -1500.0, "c": "\U0001f691", "d": [True, None],
    }  # fmt: skip
    deep: Any = parse(b"[" * DEPTH_MAX + b"]" * DEPTH_MAX)
    assert isinstance(deep, list)
    with pytest.raises(Malformed):
        parse(b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1))


@given(st.binary(max_size=200) | st.text(alphabet='{}[]":,\\u0d8e1.N ', max_size=60).map(str.encode))
def test_no_bytes_whatever_break_the_reading(raw: bytes) -> None:
    assert status(raw) in (200, 400)


@pytest.mark.parametrize(
    ("given_key", "meant"),
    [
        ("abc", "abc"),
        ('"abc"', "abc"),
        (r'"a\"b\\c"', r'a"b\c'),
        ("7f3c-1:2/3_4.5~=", "7f3c-1:2/3_4.5~="),
        ("k" * 255, "k" * 255),
        ('"' + "k" * 255 + '"', "k" * 255),
        (" abc ", "abc"),
    ],
)
def test_a_key_counts_with_or_without_its_quotation_marks(given_key: str, meant: str) -> None:
    assert key(given_key) == meant


@pytest.mark.parametrize(
    "given_key",
    [
        "",
        '""',
        "k" * 256,
        '"' + "k" * 256 + '"',
        "a b",
        '"a b"',
        "nyckel-å",
        '"abc',
        'a"bc',
        "a,b",
        '"a";x=1',
        r'"a\b"',
        "\x7f",
    ],
)
def test_a_key_that_two_programs_could_read_differently_is_refused(given_key: str) -> None:
    for required in (True, False):
        with pytest.raises(Malformed) as refused:
            key(given_key, required=required)
        assert refused.value.slug == "idempotency-key-unreadable"


def test_two_keys_are_no_key() -> None:
    with pytest.raises(Malformed):
        key("a", "b")


def test_a_key_is_missed_only_where_it_is_required() -> None:
    assert key(required=False) is None
    with pytest.raises(Malformed) as refused:
        key()
    assert refused.value.slug == "idempotency-key-missing"
