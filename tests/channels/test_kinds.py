"""Every kind of channel that is installed here, held against the contract; one of another package is held by itself."""

from collections.abc import Iterator
from typing import Any

import pytest
from channels.contract import Contract, DrillContract
from channels.contract_letters import LetterContract, LetterDrillContract
from channels.contract_ways import DraftContract, PostContract, UpsertContract
from channels.stage import Stage, live_lines

from broadcaster.kinds import INSTALLED

#: Kinds whose settings choose the way are held against it once for each.
CHOICES: dict[str, dict[str, dict[str, Any]]] = {
    "facebook": {"facebook-draft": {"protocol": "draft"}, "facebook-post": {"protocol": "post"}}
}
OURS = ("facebook", "content_management", "phone_gateway", "restapp", "email", "sms_46elks")
KINDS = {name: INSTALLED.named(name) for name in (*OURS, *INSTALLED.plugged)}
CASES = {
    case: (kind, lines) for name, kind in KINDS.items() for case, lines in CHOICES.get(name, {name: {}}).items()
}


def way(case: str) -> str:
    """Return the way of a case."""
    kind, lines = CASES[case]
    return kind.way_of(kind.settings.model_validate({**live_lines(kind), **lines}))


def held(*ways: str) -> pytest.MarkDecorator:
    """Run a class once for each kind with one of these ways."""
    return pytest.mark.parametrize("stage", [case for case in CASES if way(case) in ways], indirect=True)


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """One kind, its imitation on a free port."""
    kind, lines = CASES[request.param]
    with Stage(kind, lines) as prepared:
        yield prepared


@held("upsert", "draft", "post")
class TestEveryKind(Contract):
    """What all of them promise."""


@held("upsert", "draft", "post")
class TestEveryDrill(DrillContract):
    """No drill of any of them reaches the world."""


@held("upsert")
class TestReplacedInPlace(UpsertContract):
    """Kinds that put."""


@held("draft", "post")
class TestOneShot(PostContract):
    """Kinds whose channel gives the ids."""


@held("draft")
class TestDraftFirst(DraftContract):
    """Kinds that draft."""


@held("letter")
class TestHandedOver(LetterContract):
    """Kinds whose letters can be neither read back nor taken back."""


@held("letter")
class TestDrillOfLetters(LetterDrillContract):
    """No letter of a drill reaches anybody who exists."""
