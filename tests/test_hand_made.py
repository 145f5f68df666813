"""Which post it is that somebody made by hand: read from its address, or not known."""

import pytest

from broadcaster.hand_made import post_id


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://www.facebook.com/100200300_122093451", "100200300_122093451"),
        ("https://www.facebook.com/regionexempel/posts/122093451", "100200300_122093451"),
        ("https://www.facebook.com/regionexempel/posts/det-gar-inte-att-ringa/122093451/", "100200300_122093451"),
        ("https://m.facebook.com/story.php?story_fbid=122093451&id=100200300", "100200300_122093451"),
        ("http://127.0.0.1:8001/facebook/posts/100200300_122093451", "100200300_122093451"),
        ("https://www.facebook.com/999888777_122093451", None),  # another Page's
        ("https://www.facebook.com/permalink.php?story_fbid=pfbid02abc&id=100200300", None),  # tells no id
        ("https://www.facebook.com/regionexempel/posts/pfbid02abc", None),
        ("https://www.facebook.com/reel/122093451", None),  # not a post's number
        ("https://www.facebook.com/100200300", None),
        ("https://www.facebook.com/share/p/1AbCdEf/", None),
        ("https://www.facebook.com/", None),
        ("https://www.facebook.example/regionexempel/posts/122093451", None),  # another site's
        ("https://facebook.com.example/100200300_122093451", None),
        ("https://m.facebook.com/story.php?story_fbid=122093451&id=999888777", None),
        ("https://www.facebook.com/999888777/posts/122093451", None),
        ("https://www.facebook.com/100200300/posts/122093451", "100200300_122093451"),
    ],
)
def test_an_address_tells_its_post_or_nothing(address: str, expected: str | None) -> None:
    assert post_id(address, "100200300") == expected
