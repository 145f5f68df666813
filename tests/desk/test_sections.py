"""What of a playbook may be changed in the desk: every word people read, and nothing of the structure."""

import pytest
from service import PLAYBOOKS, Service

from broadcaster.desk.sections import sections
from broadcaster.manuscript import Content
from broadcaster.rewriting import values

#: What stays with the file: it changes what a form asks, where words go, or who may approve.
STRUCTURE = {
    "id", "version", "editor", "if_unsure", "channels", "languages", "languages_on", "struck", "seen", "works", "cap",
    "pictures", "sources", "kinds", "type", "examples", "max_length", "open", "key", "phases",
}  # fmt: skip


@pytest.mark.parametrize("name", [file.stem for file in sorted(PLAYBOOKS.glob("*.toml")) if file.stem != "register"])
def test_every_word_has_its_page_once_and_the_structure_none(service: Service, name: str) -> None:
    text = (PLAYBOOKS / f"{name}.toml").read_bytes()
    content = Content.model_validate_json(service.parts.playbooks.files[name].content)
    with service.flask().test_request_context():
        found = sections(content, values(text))
    paths = [field.path for section in found for field in section.fields]
    assert len(paths) == len(set(paths)) > 50
    assert {one.key for one in found} >= {"about", "top", "answers", "checklist", "text-first-facebook"}
    for path in set(values(text)) - set(paths):
        assert STRUCTURE & set(path) or path[0] == "answers", f"{path} can be changed nowhere"
    for path in paths:
        assert not STRUCTURE & set(path), f"{path} is structure"
    first = content.playbook.channels[:2]
    assert [one.spot for one in found[:2]] == [("first", channel) for channel in first]
