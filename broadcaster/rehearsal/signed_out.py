"""A look at a test post by somebody who is signed out: what an app in development mode publishes, only its people see.

Facebook tells nowhere whether an app is live, and to the API everything looks alike. Nor does it show every reader
without an account a post at once; so a page without the words proves nothing there, and is not called a no.
"""

import asyncio

import httpx

from broadcaster.channels._http import Connect
from broadcaster.outside import Sight, over_network, shows
from broadcaster.rehearsal import Said
from broadcaster.settings import is_loopback_http

LOOK_S = 15.0
NOTE = (
    "look at the Page in a private window, signed out: in development mode only people with a role on the app see its "
    "posts; App Mode stands in Meta's dashboard"
)


async def seen_signed_out(url: str, words: str, connect: Connect) -> Said:
    """Tell whether `words` stand at `url` for somebody without an account. Raises nothing but cancellation."""
    if not is_loopback_http(url):
        return "yes" if await over_network().look(url, words) is Sight.SEEN else "not known"
    try:
        async with asyncio.timeout(LOOK_S), httpx.AsyncClient(transport=connect()) as client:
            page = await client.get(url)
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL):
        return "not known"
    return "yes" if page.status_code == 200 and shows(page.text, words) else "no"
