"""
Every page in every state: what is judged by axe, measured in bytes and taken pictures of.

    prepare   make one of everything happen, and return a scene for each page and each state it can be in
    alone     a year later: the pages of one person who publishes alone, and what waits in another planner
    show      open a scene as the one who would see it

A new page or a new state of a page gets its line here, and with it every check and a picture.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from looking import open_all
from playwright.sync_api import Page
from service import HASHING, PASSWORD, Service
from visitor import Visitor

from broadcaster import checklist, planned
from broadcaster.audit import digest_of
from broadcaster.auth.client import person_client
from broadcaster.auth.people import add_person
from broadcaster.channels import Planned, Plans

Act = Callable[[Page], Any]
FILL, SEND = "#fill button.wide", "#send button"
CHANGED = "/desk/playbooks/besoksforbud"


@dataclass(frozen=True)
class Scene:
    """One page in one state. `act` goes on from the address to where the state is seen."""

    name: str
    address: str
    who: str | None = "anna"  #: who is signed in; None: the public
    act: Act | None = None


def show(page: Page, scene: Scene, language: str = "sv") -> None:
    """Open the scene in a language. Whoever it is for is signed in already."""
    mark = "&" if "?" in scene.address else "?"
    page.goto(f"{scene.address}{mark}lang={language}")
    if scene.act is not None:
        scene.act(page)
        page.wait_for_load_state()


def prepare(service: Service, pay: Callable[..., None]) -> list[Scene]:
    """Return every scene. `pay` lets the worker work, as `Service.pay` does."""
    service.add_person("eva", "administrator", "auditor")
    service.add_person("kaj", "administrator", "approver")
    service.key("read", "send")
    _propose(service)
    public = _public(service, pay)
    boards = [*_boards(service, pay), *_checklists(service)]
    return [*public, *_signed_in(), *boards, *_errands(service), *_authority(service), *_last()]


def alone(service: Service) -> list[Scene]:
    """Return the scenes of an approval that ran out; the last of them is the review by somebody else."""
    service.clock.advance(370 * 86_400.0)
    now = service.clock.now()
    posts = (Planned("1_1", "Välkommen på öppet hus!", now + timedelta(hours=5)),)
    with service.parts.store.transaction() as transaction:
        planned.keep(transaction, "facebook", Plans(posts, now, is_whole=True))
    form, offer = "/desk/new/telefoni-1177?mode=live", "#send button.wide"
    why = _all(_press(FILL), _press(offer), _typed("reason", "Ensam i natt."), _press("#glass [name='sure']"))
    return [
        Scene("glass-offer", form, act=_press(FILL)),
        Scene("glass", form, act=_all(_press(FILL), _press(offer))),
        Scene("glass-refused", form, act=_all(_press(FILL), _press(offer), _press("#glass button"))),
        Scene("board-glass-planned", form, act=_all(why, _press("#glass button"))),
        Scene("glass-review-mine", "/desk", act=_press("a[href$='/review']")),
        Scene("glass-review", "/desk", "bo", _press("a[href$='/review']")),
    ]


def _press(selector: str) -> Act:
    return lambda page: page.locator(selector).first.click()


def _all(*acts: Act) -> Act:
    def one_after_the_other(page: Page) -> None:
        for act in acts:
            act(page)

    return one_after_the_other


def _typed(field: str, value: str) -> Act:
    return lambda page: page.locator(f"[name='{field}']").first.fill(value)


def _propose(service: Service) -> None:
    """Let an author change the words of a playbook, so that somebody has something to approve."""
    author, page = Visitor(service), f"{CHANGED}/edit/text-update-facebook"
    author.sign_in("anna")
    written = author.open(page)
    words = written.form("/text-update-facebook").value("texts.update.facebook.sv").strip()
    before, _, after = words.partition(". ")
    more = f"{before}. Tack för att du läser. {after}"
    author.press(written, "/text-update-facebook", act="save", texts__update__facebook__sv=more)


def _opened(page: Page) -> None:
    open_all(page)


def _key_made(page: Page) -> None:
    """Answer the three questions; a key is shown once, so each time it is another system's."""
    page.locator("[name='name']").fill(f"system-{uuid4().hex[:8]}")
    page.locator("main form button").click()
    page.locator("input[type=checkbox]").first.check()
    page.locator("main form button").click()
    page.locator("main form button").click()


def _done_by_hand(page: Page) -> None:
    open_all(page)
    page.locator("[name='done_at']").fill("2026-03-14T02:20")
    for what in page.locator("select[name^='what.']").all():
        what.select_option(index=1)
    page.locator("[name^='url.']").first.fill("https://www.facebook.com/region/posts/1")
    page.locator("form button.wide").click()


def _answered(blank: str, key: str) -> Act:
    return lambda page: page.locator(f"[name='blank.{blank}'][value='{key}']").check()


def _public(service: Service, pay: Callable[..., None]) -> list[Scene]:
    over = service.send(playbook="dricksvatten")["incident"]
    pay(steps=3, seconds=1)
    service.send("all_clear", over, playbook="dricksvatten")
    pay(steps=3, seconds=1)
    ref = service.send(playbook="telefoni-vaxel", affected=[])["incident"]
    pay(steps=3, seconds=1)
    return [
        Scene("public-now", "/", None),
        Scene("public-incident", f"/m/{ref}", None),
        Scene("public-easy-swedish", f"/m/{over}?lang=sv-x-lattlast", None),
        Scene("public-over", f"/m/{over}", None),
        Scene("public-unknown-number", "/m/RE-2026-0404", None),
        Scene("about", "/about", None),
        Scene("sign-in", "/login", None),
        Scene("sign-in-asked-for", "/desk/new/telefoni-1177", None),
        Scene("sign-in-refused", "/login", None, _all(_typed("username", "anna"), _press("main button"))),
    ]


def _signed_in() -> list[Scene]:
    book = "/desk/playbooks/telefoni-1177"
    return [
        Scene("overview", "/desk"),
        Scene("overview-administrator", "/desk", "eva"),
        Scene("what", "/desk/what"),
        Scene("what-phone", "/desk/what/phone"),
        Scene("what-found", "/desk/what?q=vattnet"),
        Scene("what-not-found", "/desk/what?q=xyz"),
        Scene("mistakes", "/desk/mistakes"),
        Scene("channels", "/desk/channels"),
        Scene("drills", "/desk/drills"),
        Scene("drill-new", "/desk/drills/new"),
        Scene("drill-begin", "/desk/drills/new/vaxeln-tyst"),
        Scene("log", "/desk/log"),
        Scene("log-entry", "/desk/log/1"),
        Scene("log-everything", "/desk/log", "eva"),
        Scene("people", "/desk/people", "eva"),
        Scene("person", "/desk/people/anna", "eva"),
        Scene("person-new", "/desk/people/new", "eva"),
        Scene("person-password", "/desk/people/anna/password", "eva"),
        Scene("person-disable", "/desk/people/anna/disable", "eva"),
        Scene("log-checked", "/desk/log", "eva", _all(_opened, _press("form[action='/desk/log/check'] button"))),
        Scene("keys", "/desk/keys", "eva"),
        Scene("key-revoke", "/desk/keys", "eva", _press("a[href$='/revoke']")),
        Scene("key-made", "/desk/keys/new", "eva", _key_made),
        Scene("key-new", "/desk/keys/new", "eva"),
        Scene("playbook", book),
        Scene("playbook-to-approve", book, "bo"),
        Scene("playbook-proposed", f"{CHANGED}/proposed"),
        Scene("playbook-proposed-to-approve", f"{CHANGED}/proposed", "bo"),
        Scene("playbook-edit", f"{book}/edit"),
        Scene("playbook-edit-words", f"{book}/edit/text-first-facebook"),
        Scene("playbook-edit-answers", f"{book}/edit/answers"),
        Scene("by-hand", "/desk/by-hand"),
        Scene("by-hand-fill", "/desk/by-hand/new/telefoni-1177"),
        Scene("by-hand-refused", "/desk/by-hand/new/telefoni-1177", act=_press("form button.wide")),
        Scene("by-hand-review", "/desk/by-hand/new/telefoni-1177", act=_done_by_hand),
    ]


def _boards(service: Service, pay: Callable[..., None]) -> list[Scene]:
    made: dict[str, str] = {}

    def incident(name: str, playbook: str, **more: Any) -> dict[str, Any]:
        message = service.send(playbook=playbook, again=True, **more)
        made[name] = message["incident"]
        return message

    service.script(facebook=[{"on": "POST /{page}/feed", "do": "token_dead", "times": 1}])
    incident("board-needs-person", "rok-gas")
    pay(steps=2, seconds=2)
    service.script(facebook=[])
    by_hand = incident("board-task", "allman-handelse")
    pay(steps=3, seconds=1)
    corrected = incident("board-corrected", "masskada")
    pay(steps=3, seconds=1)
    service.send("correction", corrected["incident"], playbook="masskada")
    pay(steps=3, seconds=1)
    recalled = incident("board-recalled", "akut-stangd")
    pay(steps=3, seconds=1)
    service.parts.broadcasts.recall(recalled["id"], {"reason": "Fel krismall"}, service.anna)
    pay(steps=3, seconds=1)
    waits = incident("board-waits-for-yes", "besoksforbud")
    pay(steps=3, seconds=1)
    waiting = service.send(
        "update", waits["incident"], playbook="besoksforbud", sentence="Receptionen är bemannad hela natten."
    )
    drill = incident("board-drill", "telefoni-1177", mode="drill")
    # Last, and in time that stands still: what comes after would mend them.
    service.script(facebook=[{"on": "POST /{page}/feed", "do": "drop_before", "times": 99}])
    incident("board-retrying", "it-avbrott-journal")
    pay()
    service.script(facebook=[{"on": "POST /{post}", "do": "applied_then_500", "times": 99}])
    incident("board-uncertain", "cyberattack")
    pay()
    incident("board-waiting-to-be-sent", "telefoni-1177")
    stopped = _pressed_just_now(service, "Karlstad")
    service.parts.broadcasts.recall(stopped["id"], {"reason": "Fel mall"}, service.anna)
    made["board-stopped"] = stopped["incident"]
    made["board-can-be-stopped"] = _pressed_just_now(service, "Arvika")["incident"]
    scenes = [Scene(name, f"/desk/incidents/{ref}") for name, ref in made.items()]
    scenes += [
        Scene("board-to-decide", f"/desk/incidents/{waits['incident']}", "bo"),
        Scene("telephone-yes", f"/desk/messages/{waiting['id']}/telephone"),
        Scene("drill-public", f"/desk/drills/{drill['incident']}"),
        Scene("drill-score", f"/desk/drills/{drill['incident']}/score"),
        Scene("times", f"/desk/incidents/{corrected['incident']}/times"),
        Scene("change", f"/desk/incidents/{by_hand['incident']}/change"),
        Scene("nothing-new", f"/desk/incidents/{by_hand['incident']}/nothing-new"),
        Scene("task", f"/desk/messages/{by_hand['id']}/deliveries/intranet/sv"),
        Scene("task-refused", f"/desk/messages/{by_hand['id']}/deliveries/intranet/sv", act=_press("form button")),
        Scene("recall", f"/desk/messages/{by_hand['id']}/recall"),
    ]
    later = f"/desk/incidents/{by_hand['incident']}"
    for phase in ("update", "correction", "false_alarm", "all_clear"):
        scenes.append(Scene(f"{phase}-fill", f"{later}/{phase}"))
        scenes.append(Scene(f"{phase}-words", f"{later}/{phase}", act=_press(FILL)))
    return scenes


def _pressed_just_now(service: Service, place: str) -> dict[str, Any]:
    """Send what a person sent from the page this very moment, so that it can still be stopped."""
    body = service.body(playbook="allman-handelse", again=True, blanks={"plats": place})
    return service.parts.broadcasts.send(body, service.anna, f"scene-{place}", watched=True).json


def _checklists(service: Service) -> list[Scene]:
    scenes = []
    for name, mode, count in (("some", "live", 2), ("all", "drill", 99), ("closed", "live", 1)):
        how: dict[str, Any] = {"playbook": "dricksvatten", "mode": mode, "channels": ["own_web"], "again": True}
        ref = service.send(**how)["incident"]
        lines = service.parts.board.pinned(ref).checklist
        for line in lines[:count]:
            checklist.tick(service.parts.store, ref, lines, digest_of(line.sv), service.anna, done=True)
        if name == "closed":
            service.send("all_clear", ref, **how)
        scenes.append(Scene(f"board-checklist-{name}", f"/desk/incidents/{ref}?list=1"))
    return scenes


def _errands(service: Service) -> list[Scene]:
    new, typed = "/desk/new/telefoni-1177?mode=", _typed("blank.reservnummer", "010-123 45 67")
    fails, works = _answered("recept", "fungerar-inte"), _answered("provsvar", "fungerar")
    return [
        Scene("fill", f"{new}live"),
        Scene("fill-drill", f"{new}drill"),
        Scene("fill-works", "/desk/new/allman-handelse?mode=live", act=_all(fails, works)),
        Scene("words-works", "/desk/new/allman-handelse?mode=live", act=_all(fails, works, _press(FILL))),
        Scene("fill-mode-not-chosen", "/desk/new/telefoni-1177", act=_press(FILL)),
        Scene("fill-wrong", f"{new}live", act=_all(_typed("blank.reservnummer", "112"), _press(FILL))),
        Scene("words", f"{new}live", act=_press(FILL)),
        Scene("words-drill", f"{new}drill", act=_press(FILL)),
        Scene("words-typed", f"{new}live", act=_all(typed, _press(FILL))),
        Scene("words-not-ticked", f"{new}live", act=_all(typed, _press(FILL), _press(SEND))),
        Scene("words-can-be-stopped", "/desk/new/besoksforbud?mode=live", act=_press(FILL)),
        Scene("words-already-running", f"{new}live", act=_all(_press(FILL), _press(SEND))),
    ]


def _authority(service: Service) -> list[Scene]:
    """Kaj adds somebody, whose sentence then waits: the others read of it, and Kaj is no second person for it."""
    with service.parts.store.transaction() as transaction:
        add_person(transaction, "ny", ["sender"], PASSWORD, "user:kaj", hashing=HASHING)
    ref = service.send(playbook="dricksvatten", again=True)["incident"]
    body = service.body("update", ref, playbook="dricksvatten", sentence="Tankbilar med vatten är på väg.")
    service.parts.broadcasts.send(body, person_client("ny", ["sender"]), "key-of-ny")
    return [
        Scene("overview-authority-changed", "/desk", "bo"),
        Scene("overview-authority-own", "/desk", "kaj"),
        Scene("yes-refused-one-person", f"/desk/incidents/{ref}", "kaj", _press("form[action$='/approve'] button")),
    ]


def _last() -> list[Scene]:
    return [Scene("not-found", "/desk/finns-inte"), Scene("not-found-public", "/finns-inte", None)]
