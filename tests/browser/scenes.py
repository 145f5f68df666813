"""
Every page in every state: what is judged by axe, measured in bytes and taken pictures of.

    prepare   make one of everything happen, and return a scene for each page and each state it can be in
    show      open a scene as the one who would see it

A new page or a new state of a page gets its line here, and with it every check and a picture.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page
from service import Service

Act = Callable[[Page], Any]
FILL, SEND = "#fill button.wide", "#send button"


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
    service.key("read", "send")
    return [*_public(service, pay), *_signed_in(), *_boards(service, pay), *_errands(service), *_last()]


def _press(selector: str) -> Act:
    return lambda page: page.locator(selector).first.click()


def _all(*acts: Act) -> Act:
    def one_after_the_other(page: Page) -> None:
        for act in acts:
            act(page)

    return one_after_the_other


def _typed(field: str, value: str) -> Act:
    return lambda page: page.locator(f"[name='{field}']").first.fill(value)


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
        Scene("log", "/desk/log"),
        Scene("log-entry", "/desk/log/1"),
        Scene("log-everything", "/desk/log", "eva"),
        Scene("people", "/desk/people", "eva"),
        Scene("person", "/desk/people/anna", "eva"),
        Scene("person-new", "/desk/people/new", "eva"),
        Scene("person-disable", "/desk/people/anna/disable", "eva"),
        Scene("keys", "/desk/keys", "eva"),
        Scene("key-new", "/desk/keys/new", "eva"),
        Scene("playbook", book),
        Scene("playbook-to-approve", book, "bo"),
        Scene("playbook-edit", f"{book}/edit"),
        Scene("playbook-edit-words", f"{book}/edit/text-first-facebook"),
        Scene("playbook-edit-answers", f"{book}/edit/answers"),
        Scene("by-hand", "/desk/by-hand"),
        Scene("by-hand-fill", "/desk/by-hand/new/telefoni-1177"),
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
        Scene("words-already-running", f"{new}live", act=_all(_press(FILL), _press(SEND))),
    ]


def _last() -> list[Scene]:
    return [Scene("not-found", "/desk/finns-inte"), Scene("not-found-public", "/finns-inte", None)]
