"""What is wrong with our token at Facebook, said before the night when it is needed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from broadcaster.channels._token_health import Token, token_problems

NOW = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
DAY = 86_400
SCOPES = ["pages_show_list", "pages_manage_posts", "pages_read_engagement"]


def judged(**changed: Any) -> tuple[str, str]:
    """Return state and problems, in one text, of a sound token with something changed."""
    sound: dict[str, Any] = {"is_valid": True, "profile_id": "100200300", "scopes": SCOPES}
    found = token_problems(Token.model_validate({**sound, **changed}), "100200300", NOW)
    return found.state, " ".join(found.problems)


def test_a_sound_token_is_green() -> None:
    """Valid, ours, allowed, and never ending."""
    assert judged() == ("green", "")
    assert judged(granular_scopes=[{"scope": "pages_manage_posts", "target_ids": ["100200300"]}])[0] == "green"
    assert judged(granular_scopes=[{"scope": "pages_manage_posts"}])[0] == "green"
    assert judged(expires_at=int(NOW.timestamp()) + 60 * DAY)[0] == "green"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"is_valid": False}, "gäller inte längre"),
        ({"profile_id": "999"}, "hör inte till sidan 100200300"),
        ({"profile_id": None}, "hör inte till sidan"),
        ({"scopes": ["pages_show_list", "pages_read_engagement"]}, "pages_manage_posts"),
        ({"scopes": []}, "pages_manage_posts, pages_read_engagement"),
        ({"granular_scopes": [{"scope": "pages_manage_posts", "target_ids": ["5"]}]}, "får inte publicera"),
        ({"expires_at": int(NOW.timestamp()) - 1}, "har gått ut"),
        ({"data_access_expires_at": int(NOW.timestamp()) - 1}, "Dataåtkomsten"),
    ],
)
def test_what_would_stop_a_post_today_is_red(changed: dict[str, Any], said: str) -> None:
    """Each problem says what is wrong and what to do."""
    state, text = judged(**changed)
    assert state == "red"
    assert said in text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"expires_at": int(NOW.timestamp()) + 3 * DAY}, "Nyckeln till Facebook går ut om 3 dygn"),
        ({"data_access_expires_at": int(NOW.timestamp()) + DAY}, "Dataåtkomsten till Facebook går ut om 1 dygn"),
        ({"scopes": SCOPES[1:]}, "pages_show_list"),
    ],
)
def test_what_soon_would_stop_it_is_amber(changed: dict[str, Any], said: str) -> None:
    """Two weeks are enough to find the person who may renew it."""
    state, text = judged(**changed)
    assert state == "amber"
    assert said in text
