"""A picture of every page in every state, to be looked at by people: `make pictures`, build/pictures/index.html."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser.scenes import Scene, alone, prepare, show
from playwright.sync_api import Page

pytestmark = pytest.mark.pictures
Look = Callable[..., Page]
FOLDER = Path(__file__).parents[2] / "build" / "pictures"
SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
KINDS = [(size, scheme) for size in SIZES for scheme in ("light", "dark")]


@pytest.mark.parametrize(("size", "scheme"), [*KINDS, ("phone", "light-en")])
@pytest.mark.parametrize("which", ["every-day", "alone"])
def test_every_page_is_there_to_be_looked_at(look: Look, site: Any, which: str, size: str, scheme: str) -> None:
    width, height = SIZES[size]
    scenes = prepare(site.service, site.pay) if which == "every-day" else alone(site.service)
    scheme, _, language = scheme.partition("-")
    how = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    viewers = {who: look(name=who, **how) for who in {scene.who for scene in scenes}}
    FOLDER.mkdir(parents=True, exist_ok=True)
    for scene in scenes:
        page = viewers[scene.who]
        show(page, scene, language or "sv")
        page.screenshot(path=FOLDER / _file(scene, size, scheme, language), full_page=True, animations="disabled")
    index = "index.html" if which == "every-day" else f"{which}.html"
    (FOLDER / index).write_text(_index(scenes), "utf-8")
    assert {one.name for one in FOLDER.glob("*.png")} >= {_file(one, size, scheme, language) for one in scenes}


def _file(scene: Scene, size: str, scheme: str, language: str = "") -> str:
    return "-".join(part for part in (scene.name, size, scheme, language) if part) + ".png"


def _index(scenes: list[Scene]) -> str:
    kinds = [*KINDS, ("phone", "light", "en")]
    rows = "".join(f"<h2>{one.name}</h2><p>{' '.join(_img(_file(one, *kind)) for kind in kinds)}" for one in scenes)
    return f'<!doctype html><meta charset="utf-8"><title>Every page</title>{rows}'


def _img(name: str) -> str:
    return f'<a href="{name}"><img src="{name}" height="480" alt=""></a>'
