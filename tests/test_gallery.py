"""A running incident keeps its pictures whatever becomes of the file, and never gets other bytes than the approved."""

from collections.abc import Callable

from drawn import EVERYWHERE, png, sha256
from service import Service
from sqlalchemy import delete, func, select, update

from broadcaster import gallery
from broadcaster.picture_table import picture
from broadcaster.playbook import Snapshot


def count(service: Service) -> int:
    with service.parts.store.reading() as transaction:
        found: int = transaction.execute(select(func.count()).select_from(picture)).scalar_one()
    return found


def test_approving_the_words_keeps_their_pictures_once(pictured: Callable[..., Service]) -> None:
    service = pictured(approved=False)
    assert count(service) == 0
    service.approve_all()
    service.approve_all()
    assert count(service) == 1
    with service.parts.store.reading() as transaction:
        assert gallery.bytes_of(transaction, sha256(png())) == png()


def test_a_picture_changed_in_the_database_is_as_if_it_were_not_there(pictured: Callable[..., Service]) -> None:
    """Whoever can write there cannot put another picture into our name."""
    service = pictured()
    with service.parts.store.transaction() as transaction:
        transaction.execute(update(picture).values(data=png(shade=1)))
    with service.parts.store.reading() as transaction:
        shown = service.parts.playbooks["telefoni-1177"].pictures("first", "facebook", "sv", "live")
        assert len(shown) == 1
        assert gallery.bytes_of(transaction, sha256(png())) is None
        assert gallery.with_bytes(transaction, shown) == ()


def test_what_is_not_kept_is_left_out(pictured: Callable[..., Service]) -> None:
    two = EVERYWHERE + EVERYWHERE.replace("karta.png", "vattnet.png")
    service = pictured(two, {"karta_png": png(), "vattnet_png": png(shade=9)})
    shown = service.parts.playbooks["telefoni-1177"].pictures("first", "own_web", "sv", "live")
    with service.parts.store.transaction() as transaction:
        transaction.execute(delete(picture).where(picture.c.sha256 == sha256(png())))
        assert [one.sha256 for one in gallery.at_hand(transaction, shown)] == [sha256(png(shade=9))]
        assert [one.data for one in gallery.with_bytes(transaction, shown)] == [png(shade=9)]


def test_a_snapshot_from_the_database_keeps_nothing_anew(pictured: Callable[..., Service]) -> None:
    service = pictured()
    stored = Snapshot.from_content(service.parts.playbooks["telefoni-1177"].content)
    with service.parts.store.transaction() as transaction:
        gallery.keep(transaction, stored)
    assert count(service) == 1
