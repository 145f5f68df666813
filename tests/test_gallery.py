"""A running incident keeps its pictures whatever becomes of the file, and never gets other bytes than the approved."""

from collections.abc import Callable

import pytest
from drawn import ALT, EVERYWHERE, png, sha256
from service import Service
from sqlalchemy import delete, func, select, update

from broadcaster import gallery
from broadcaster.channels import Fact, Outcome, Reason
from broadcaster.outbox import Claim
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


class TestWhatACallCarries:
    """A post that is being made carries its pictures, until they may be what it stumbles over."""

    @staticmethod
    def claimed(service: Service) -> Claim:
        """Return the right to the next call for Facebook; what else was claimed is left to others."""
        for _ in range(10):  # the waits between two tries are drawn
            for claim in service.outbox().claim("w"):
                if claim.channel == "facebook":
                    return claim
            service.clock.advance(2)
        raise AssertionError("nothing was due for Facebook")

    def test_with_their_bytes_and_their_words(self, pictured: Callable[..., Service]) -> None:
        service = pictured()
        service.send()
        post = self.claimed(service).post
        assert [(one.data, one.alt) for one in post.pictures] == [(png(), ALT)] and post.left_out == 0
        assert post.link == f"http://127.0.0.1:8000/m/{post.incident}" and png().hex() not in repr(post)

    @pytest.mark.parametrize(("fact", "carried"), [(Fact.UNCERTAIN, 0), (Fact.NOT_SENT, 1)])
    def test_not_after_a_doubt_but_again_after_what_never_left(
        self, pictured: Callable[..., Service], fact: Fact, carried: int
    ) -> None:
        """A network that is down says nothing about the picture; an error of Facebook's own may."""
        service = pictured()
        service.send()
        following = service.outbox().settle(self.claimed(service), Outcome(fact, Reason.NETWORK), "w")
        post = (following or self.claimed(service)).post
        assert (len(post.pictures), post.left_out) == (carried, 1 - carried)

    def test_not_when_two_workers_have_died_with_them(self, pictured: Callable[..., Service]) -> None:
        """The third death gives the delivery to a person, so the last try is made with the words alone."""
        service = pictured()
        service.send()
        carried = []
        for _ in range(3):
            carried.append(len(self.claimed(service).post.pictures))
            service.clock.advance(service.parts.settings.delivery.lease_s + 1)
        assert carried == [1, 1, 0]
