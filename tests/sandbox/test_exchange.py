"""Words arrive as they were sent, whatever form the body has."""

import pytest

from broadcaster.sandbox.exchange import Request, Upload, iso, moment

WORDS = "Hej å ä ö\n\nRad två & <tre> = 100 %"


def request(body: bytes, content_type: str = "", **headers: str) -> Request:
    return Request("POST", (), {"from_query": "1"}, {"content-type": content_type, **headers}, body, "http://x")


def test_parameters_of_query_and_json_come_together_and_nested_values_stay_values() -> None:
    found = request(b'{"message": "Hej", "targeting": {"age_min": 18}}', "application/json; charset=utf-8")
    assert found.parameters() == {"from_query": "1", "message": "Hej", "targeting": {"age_min": 18}}


def test_multipart_keeps_the_exact_words() -> None:
    body = f'--xx\r\nContent-Disposition: form-data; name="message"\r\n\r\n{WORDS}\r\n--xx--\r\n'.encode()
    assert request(body, "multipart/form-data; boundary=xx").parameters()["message"] == WORDS


def test_an_uploaded_file_keeps_its_very_bytes_and_its_name() -> None:
    content = bytes(range(256)) + b"\r\n--x\r\n\r\r\n"
    body = (b'--xx\r\nContent-Disposition: form-data; name="source"; filename="\xc3\xb6.png"\r\n'
            b"Content-Type: Image/PNG\r\n\r\n" + content + b'\r\n--xx\r\nContent-Disposition: form-data; name="a"'
            b"\r\n\r\n\r\n--xx--\r\n")
    asked = request(body, 'multipart/form-data; boundary="xx"')
    assert asked.parameters() == {"from_query": "1", "source": Upload("ö.png", "image/png", content), "a": ""}
    assert asked.readable() == body.replace(content, f"({len(content)} bytes)".encode())


def test_a_body_without_files_is_shown_as_it_came_and_a_broken_one_by_its_length() -> None:
    assert request(b"message=Hej", "application/x-www-form-urlencoded").readable() == b"message=Hej"
    assert request(b"abc", "multipart/form-data; boundary=xx").readable() == b"(3 bytes that cannot be read)"


@pytest.mark.parametrize(("body", "content_type"), [
    (b"--xx\r\n\r\n", "multipart/form-data; boundary=xx"),
    (b"[1]", "application/json"), (b"{", "application/json"), (b"\xff", "application/json"),
    (b'{"message": "\\ud800"}', "application/json"),
    (b"abc", "multipart/form-data"), (b"message=\xff", "application/x-www-form-urlencoded")])
def test_an_unreadable_body_is_an_error_and_never_half_read(body: bytes, content_type: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        request(body, content_type).parameters()


@pytest.mark.parametrize(("header", "token"), [
    ("Bearer abc", "abc"), ("OAuth abc", "abc"), ("bearer abc", "abc"), ("Basic abc", None), ("Bearer ", None),
    ("", None)])
def test_the_token_is_found_in_the_header(header: str, token: str | None) -> None:
    assert request(b"", authorization=header).bearer() == token


def test_times_are_read_with_and_without_a_zone_and_written_in_utc() -> None:
    assert moment("2026-11-23T09:00:00+01:00") == moment("2026-11-23T08:00:00Z") == moment("2026-11-23T08:00:00")
    assert moment(None) is None
    assert iso(moment("2026-11-23T08:00:00.250Z") or 0) == "2026-11-23T08:00:00.250Z"
    for wrong in (17, "0001-01-01T00:00:00+05:00"):
        with pytest.raises(ValueError, match="not a time"):
            moment(wrong)
