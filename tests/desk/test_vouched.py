"""A line with a source cannot be changed unseen in the desk either: whoever does is told what it needs."""

from service import ServiceMaker
from visitor import Visitor

PAGE = "/desk/playbooks/dricksvatten/edit/blank-dusch"


def test_a_line_with_a_source_is_not_changed_without_a_new_one(make_service: ServiceMaker) -> None:
    """In the reader's language, with the words that were vouched for, and nothing is saved."""
    service = make_service()
    service.add_person("anna", "author")
    anna = Visitor(service)
    anna.sign_in("anna")
    page = anna.open(PAGE)
    form = page.form("/edit/blank-dusch")
    name = "blanks.dusch.choices.0.sv"
    assert form.value(name).strip() == "Du kan duscha, diska och tvätta. Låt inte små barn svälja vattnet."
    field = {name.replace(".", "__"): "Du kan duscha, diska och tvätta. Barn kan svälja vattnet."}
    after = anna.press(page, "/edit/blank-dusch", act="save", **field)
    assert after.status == 422
    assert "Låt inte små barn svälja vattnet.” står inte längre i någon text" in after.line
    assert "en ändrad rad behöver en ny källa, och den skrivs i filen" in after.line
    assert anna.open("/desk/playbooks/dricksvatten/proposed").status == 404
