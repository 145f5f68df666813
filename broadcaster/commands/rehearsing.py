"""`rehearse`: try out on test places what the service relies on, and say what was proved."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

import click

from broadcaster import settings as configuration
from broadcaster.channels import Channel
from broadcaster.channels._drill_wall import Walled
from broadcaster.channels._http import Connect, Http, over_network
from broadcaster.channels.content_management import ContentManagement
from broadcaster.channels.facebook import Facebook
from broadcaster.channels.phone_gateway import PhoneGateway
from broadcaster.clocks import utc_now
from broadcaster.commands.wiring import Wiring
from broadcaster.rehearsal import CALL_S, Line, Stage, words_for_test
from broadcaster.rehearsal.content import rehearse_content
from broadcaster.rehearsal.gateway import rehearse_gateway
from broadcaster.rehearsal.page import PageLists, rehearse_page
from broadcaster.settings import ChannelSettings, Settings, is_loopback_http, required_secret

_Tried = configuration.Facebook | configuration.ContentManagement | configuration.PhoneGateway
#: Where the secrets of the test places stand: never under the names of the live ones.
_SECRETS: Mapping[str, tuple[str, ...]] = {
    "facebook": ("BROADCASTER_REHEARSAL_FACEBOOK_TOKEN", "BROADCASTER_REHEARSAL_FACEBOOK_APP_SECRET"),
    "content_management": ("BROADCASTER_REHEARSAL_1177_CLIENT_ID", "BROADCASTER_REHEARSAL_1177_CLIENT_SECRET"),
    "phone_gateway": ("BROADCASTER_REHEARSAL_1177_PHONE_TOKEN",),
}


#: What a post may stand beside the three things that are waited for: nine calls that each take as long as they may.
LAST_CALLS_S = 9 * round(CALL_S)


@dataclass(frozen=True)
class Place:
    """One test place. `name` is what is typed to confirm it, `kept` whether the live channels name it too."""

    key: str
    settings: _Tried
    name: str
    live: bool

    @property
    def announced(self) -> str:
        """Say what will be seen there."""
        what = {
            "facebook": f"one public post on the Facebook Page {self.name}, and a draft of it before",
            "content_management": f"one public page under the page {self.name}",
            "phone_gateway": f"one announcement that callers of {self.name} hear",
        }[self.settings.kind]
        return f"{self.key}: {what}"


@click.command()
@click.argument("keys", nargs=-1)
@click.option("--patience", default=60, show_default=True, type=click.IntRange(1, 600), help="Seconds to wait for.")
@click.pass_obj
def rehearse(wiring: Wiring, keys: tuple[str, ...], patience: int) -> None:
    """Try out the test places KEYS of [rehearsal.channels], or all of them, and say what was proved."""
    places = _chosen(wiring.settings, keys)
    for place in places:
        _secrets(place, wiring.environ)  # said before anything is typed or published
    click.echo("This publishes for real, in words that say TEST, on:")
    for place in places:
        click.echo(f"  {place.announced}")
    longest = 3 * patience + LAST_CALLS_S
    click.echo(f"Each stands for some seconds, {longest} at most, and is then taken away, also after Ctrl-C.")
    for place in places:
        said = click.prompt(f"To go on, type {place.name}", default="", show_default=False)
        if said.strip() != place.name:
            raise click.UsageError(f"That is not {place.name}. Nothing has been published.")
    lines = asyncio.run(_all(places, patience, wiring.environ))
    trouble = sum(line.is_trouble for line in lines)
    click.echo(f"{trouble} of {len(lines)} need attention" if trouble else f"all is proved: {len(lines)} answers")
    raise SystemExit(1 if trouble else 0)


def _chosen(settings: Settings, keys: tuple[str, ...]) -> list[Place]:
    """Return the places to try. Raises `UsageError` for one that is not named, or that is live and not vouched for."""
    known = {key: _place(key, one, settings) for key, one in settings.rehearsal.channels.items()}
    places = [known.get(key) for key in keys or known]
    if not places or None in places:
        raise click.UsageError(
            "The settings name no such test place. Name one under [rehearsal.channels.<key>], with the fields a "
            "channel has; docs/connecting-facebook.md and docs/connecting-1177.md show how."
        )
    found = [place for place in places if place is not None]
    for place in found:
        if place.live and not settings.rehearsal.test_places:
            raise click.UsageError(
                f"{place.name} is where the live channels publish, so nothing has been tried. Use a test place. If it "
                "is one, because this is a test installation, set test_places = true under [rehearsal]."
            )
    return found


def _place(key: str, one: ChannelSettings, settings: Settings) -> Place | None:
    if not isinstance(one, _Tried):
        return None
    return Place(key, one, _name(one), any(_is_same(one, other) for other in settings.channels.values()))


def _name(one: _Tried) -> str:
    match one:
        case configuration.Facebook():
            return one.page_id
        case configuration.ContentManagement():
            return one.parent
    return urlsplit(one.base_url).netloc


def _is_same(one: _Tried, other: ChannelSettings) -> bool:
    """Tell whether what is tried on `one` could be seen where `other` publishes."""
    match one, other:
        case configuration.Facebook(), configuration.Facebook():
            return one.page_id == other.page_id
        case configuration.ContentManagement(), configuration.ContentManagement():
            return (urlsplit(one.base_url).netloc, one.parent) == (urlsplit(other.base_url).netloc, other.parent)
        case configuration.PhoneGateway(), configuration.PhoneGateway():
            return urlsplit(one.base_url).netloc == urlsplit(other.base_url).netloc
    return False


async def _all(places: list[Place], patience: int, environ: Mapping[str, str]) -> list[Line]:
    """Try one place after the other; a signal ends it after what was published has been taken away."""
    _end_cleanly()
    lines: list[Line] = []
    with contextlib.suppress(asyncio.CancelledError):
        for place in places:
            await try_place(place, lambda line: _tell(line, lines), patience, environ)
        return lines
    _tell(Line("rehearse", "was everything tried?", "no", 0, "it was ended before"), lines)
    return lines


def _end_cleanly() -> None:
    """Let the first signal end what is tried, and none after it the cleaning up."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None  # asyncio.run made it

    def end() -> None:
        if not task.cancelling():
            click.echo("ending; what was published is taken away first", err=True)
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)


def _tell(line: Line, lines: list[Line]) -> None:
    lines.append(line)
    click.echo(str(line))


async def try_place(
    place: Place,
    tell: Callable[[Line], None],
    patience_s: float,
    environ: Mapping[str, str] = os.environ,
    connect: Connect | None = None,
) -> None:
    """Try one place and tell every line. Raises `Unfit` for a secret that is missing, before anything is asked."""
    way_out, post = connect or over_network(), words_for_test(utc_now())
    secrets = _secrets(place, environ)
    async with AsyncExitStack() as ends:

        def stage(channel: Channel) -> Stage:
            ends.push_async_callback(channel.close)
            return Stage(Walled(channel, "live"), post, tell, patience_s)

        match place.settings:
            case configuration.Facebook() as page:
                http = Http(page.base_url, connect=way_out, secrets=secrets)
                ends.push_async_callback(http.close)
                lists = PageLists(page, http, *secrets)
                await rehearse_page(stage(Facebook(place.key, page, *secrets, connect=way_out)), lists, way_out)
            case configuration.ContentManagement() as content:
                api = ContentManagement(place.key, content, *secrets, connect=way_out)
                await rehearse_content(stage(api), api)
            case configuration.PhoneGateway() as phone:
                await rehearse_gateway(stage(PhoneGateway(place.key, phone, *secrets, connect=way_out)))


def _secrets(place: Place, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the secrets a test place needs. Raises `Unfit`, naming the one that is missing."""
    imitation = is_loopback_http(place.settings.base_url)
    names = _SECRETS[place.settings.kind]
    return tuple(required_secret(name, imitation=imitation, environ=environ) for name in names)
