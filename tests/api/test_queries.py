"""What stands in an address is read as strictly as a body."""

import pytest
from flask import Flask

from broadcaster.api.queries import query, variables
from broadcaster.api.routes import ROUTES, Parameter
from broadcaster.errors import Invalid, NotFound

WEB = Flask(__name__)
PARAMETERS = (
    Parameter("after", "string"),
    Parameter("limit", "integer", 50, 1, 100),
    Parameter("state", "string", choices=("open", "closed")),
)


def read(text: str) -> dict[str, object]:
    with WEB.test_request_context(f"/?{text}"):
        return query(PARAMETERS)


def test_what_is_left_out_has_its_default() -> None:
    assert read("") == {"after": None, "limit": 50, "state": None}


def test_every_parameter_is_read_as_what_it_is() -> None:
    assert read("limit=7&state=open&after=RV-2026-0031") == {"after": "RV-2026-0031", "limit": 7, "state": "open"}


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        ("limit=0", ["/limit"]),
        ("limit=101", ["/limit"]),
        ("limit=", ["/limit"]),
        ("limit=1.5", ["/limit"]),
        ("limit=%D9%A3", ["/limit"]),
        ("limit=" + "9" * 5000, ["/limit"]),
        ("limit=1&limit=1", ["/limit"]),
        ("state=stängd", ["/state"]),
        ("after=", ["/after"]),
        ("after=%00", ["/after"]),
        ("after='%20OR%201=1", ["/after"]),
        ("after=%ff", ["/after"]),
        ("page=2", ["/page"]),
        ("limit=x&state=y&after=%0a&page=2", ["/limit", "/state", "/after", "/page"]),
    ],
)
def test_everything_wrong_in_a_query_is_named_at_once(text: str, pointers: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        read(text)
    assert [fault.pointer for fault in refused.value.fields] == pointers


def test_a_name_in_an_address_may_have_swedish_letters_in_either_spelling() -> None:
    assert variables({"ref": "OVN-R\u00c5-2026-0007"}) == variables({"ref": "OVN-RA\u030a-2026-0007"})
    assert variables({"channel": "1177_notice", "language": "sv-x-lattlast"})["language"] == "sv-x-lattlast"


@pytest.mark.parametrize(
    "name", ["\x00", "a\x00b", "", " ", "a b", ".", "..", "-", "a;b", "\udcff", "a" * 65, "%2e", "'"]
)
def test_an_address_that_can_name_nothing_of_ours_does_not_exist(name: str) -> None:
    with pytest.raises(NotFound):
        variables({"id": name})


def test_no_default_of_ours_would_be_refused() -> None:
    parameters = [one for route in ROUTES for one in route.query if one.kind == "integer"]
    assert parameters
    for one in parameters:
        assert one.default is not None and one.minimum <= one.default <= one.maximum
