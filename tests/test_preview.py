"""The exact words before anything is promised, and nothing changed by looking."""

from service import Service, ServiceMaker
from sqlalchemy import func, select

from broadcaster.channels import limit_of
from broadcaster.tables import metadata


def everything(service: Service) -> dict[str, int]:
    with service.parts.store.reading() as transaction:
        return {
            name: int(transaction.execute(select(func.count()).select_from(table)).scalar_one())
            for name, table in metadata.tables.items()
        }


def test_it_shows_every_channels_words_with_length_and_limit_and_changes_nothing(service: Service) -> None:
    before = everything(service)
    shown = service.parts.broadcasts.preview(service.body(), service.anna)
    assert everything(service) == before
    assert shown["warnings"] == []
    for one in shown["words"]:
        assert one["length"] == len(one["text"]) <= one["limit"] == limit_of(one["channel"]).characters
        assert "RE-2026-0000" in one["text"] or one["channel"] in ("1177_notice", "1177_phone")
        assert "${" not in one["text"]


def test_a_struck_channel_says_nothing_and_a_struck_number_is_in_no_text(service: Service) -> None:
    preview = service.parts.broadcasts.preview
    shown = preview(service.body(affected=["facebook", "n112"]), service.anna)
    assert "facebook" not in {one["channel"] for one in shown["words"]}
    assert not any("112" in one["text"].replace("1177", "").split() for one in shown["words"])


def test_a_later_phase_is_shown_with_the_next_mark_and_without_an_incident_with_a_sample(service: Service) -> None:
    preview = service.parts.broadcasts.preview
    first = service.send()
    with_incident = preview(service.body("update", first["incident"]), service.anna)
    without = preview(service.body("update"), service.anna)
    page = next(one["text"] for one in with_incident["words"] if one["channel"] == "own_web")
    assert f"{first['incident']}/2" in page
    assert with_incident["digest"] != without["digest"], "the digest without an incident fits no message"


def test_a_drill_is_shown_as_a_drill(service: Service) -> None:
    shown = service.parts.broadcasts.preview(service.body(mode="drill"), service.anna)
    assert all(one["text"].startswith("ÖVNING") for one in shown["words"])
    assert any("OVN-RE-2026-0000" in one["text"] for one in shown["words"])


def test_unapproved_words_are_shown_with_a_warning(make_service: ServiceMaker) -> None:
    service = make_service(approved=False)
    shown = service.parts.broadcasts.preview(service.body(), service.anna)
    assert len(shown["words"]) == 9
    assert len(shown["warnings"]) == 1 and "två personer" in shown["warnings"][0]
    assert len(shown["warnings_en"]) == 1 and "two people" in shown["warnings_en"][0]
