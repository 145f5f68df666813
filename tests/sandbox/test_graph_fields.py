"""What is asked for comes, no more and no less, as deep as it was asked for."""

from typing import Any

import httpx
import pytest
from sandbox.asking import error, photo, post

from broadcaster.sandbox.graph_errors import GraphError
from broadcaster.sandbox.graph_fields import Field, fields, shaped


def test_names_what_is_inside_them_and_how_much_of_an_edge_are_read() -> None:
    found = fields({"fields": "id, from{name,picture{url}},comments.limit(2).summary(true){message}.as(talk)"})
    assert found == (
        Field("id"), Field("from", (Field("name"), Field("picture", (Field("url"),)))),
        Field("comments", (Field("message"),), {"limit": "2", "summary": "true", "as": "talk"}))
    assert fields({"fields": ["id", "message"]}) == (Field("id"), Field("message"))
    assert fields({}) == fields({"fields": ""}) == ()


@pytest.mark.parametrize("asked", [
    "id}", "from{id", "from{id}}", "id;message", "a.b", "comments.limit(1", "x" + "{x" * 20])
def test_what_is_not_in_its_language_is_refused(asked: str) -> None:
    with pytest.raises(GraphError) as refused:
        fields({"fields": asked})
    assert refused.value.code == 2500


@pytest.mark.parametrize(("asked", "shown"), [
    ("from", {"from": {"id": "1", "name": "A"}}), ("from{name}", {"from": {"id": "1", "name": "A"}}),
    ("from{id}", {"from": {"id": "1"}}),
    ("comments", {"comments": {"data": [{"id": "2", "message": "B"}, {"id": "3", "message": "C"}]}}),
    ("comments.limit(0).summary(true)", {"comments": {"data": [], "summary": {"total_count": 2}}}),
    ("comments.limit(1).as(talk){id}", {"talk": {"data": [{"id": "2"}]}}),
    ("comments.summary(total_count).limit(0).as(a),comments.limit(1){id}", {
        "a": {"data": [], "summary": {"total_count": 2}}, "comments": {"data": [{"id": "2"}]}})])
def test_an_answer_is_cut_down_to_what_was_asked_for(asked: str, shown: dict[str, Any]) -> None:
    whole = {"from": {"id": "1", "name": "A"}, "comments": {
        "data": [{"id": "2", "message": "B"}, {"id": "3", "message": "C"}], "summary": {"total_count": 2}}}
    names = {one.name for one in fields({"fields": asked})}
    node = {"id": "9", **{name: value for name, value in whole.items() if name in names}}
    assert shaped(node, fields({"fields": asked})) == {"id": "9", **shown}
    assert shaped({"data": [node], "paging": {}}, fields({"fields": asked})) == {
        "data": [{"id": "9", **shown}], "paging": {}}


def test_a_post_is_shown_as_deep_as_asked(graph: httpx.Client) -> None:
    made = photo(graph, published="true", caption="Karta")["post_id"]
    found = graph.get(f"/{made}", params={
        "fields": "from{id},attachments{media{image{width}}},comments.summary(true).limit(0)"}).json()
    assert found == {
        "id": made, "from": {"id": "100200300"}, "attachments": {"data": [{"media": {"image": {"width": 3}}}]},
        "comments": {"data": [], "summary": {"order": "chronological", "can_comment": True, "total_count": 0}}}


def test_the_interface_says_what_it_could_not_read(graph: httpx.Client) -> None:
    made = post(graph, "Hej")
    assert error(graph.get(f"/{made}", params={"fields": "id,from{"})) == (400, 2500, None)
    assert error(graph.get(f"/{made}", params={"fields": "from{id},nonsense"})) == (400, 100, None)
