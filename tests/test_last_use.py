"""When each step last succeeded for real: what a provider may take back because nobody used it."""

import asyncio
from datetime import timedelta

from service import Service

from broadcaster.last_use import asked_aside, last_use


def test_it_is_the_last_success_of_each_step_on_that_channel(service: Service) -> None:
    """A refusal uses nothing, and neither does another channel."""
    began = service.clock.now()
    service.send()
    service.pay()
    service.clock.advance(86_400)
    service.script(facebook=[{"on": "POST /{page}/feed", "do": "token_dead"}])
    service.send(again=True)
    service.pay()
    found = last_use(service.parts.store, "facebook")
    assert set(found) == {"draft", "publish", "look"}
    assert set(found.values()) == {began}
    assert set(last_use(service.parts.store, "1177_notice").values()) == {began + timedelta(days=1)}
    assert last_use(service.parts.store, "p4") == {}
    assert asyncio.run(asked_aside(service.parts.store)("facebook")()) == found  # type: ignore[arg-type]


def test_a_drill_uses_nothing(service: Service) -> None:
    """It reaches an imitation, which keeps no permission alive."""
    service.send(mode="drill")
    service.pay()
    assert last_use(service.parts.store, "facebook") == {}
