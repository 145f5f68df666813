"""Every configured channel, opened: the live ones with their secrets, or the same keys against an imitation."""

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from broadcaster import settings as configuration
from broadcaster.channels import Channel
from broadcaster.channels._drill_wall import Walled, require_imitation, within
from broadcaster.channels._http import Clock, Connect, Seconds, over_network
from broadcaster.channels._page_checks import LastUsed
from broadcaster.channels.content_management import ContentManagement
from broadcaster.channels.facebook import Facebook
from broadcaster.channels.manual import Manual
from broadcaster.channels.own_web import OwnWeb
from broadcaster.channels.phone_gateway import PhoneGateway
from broadcaster.clocks import boot_clock, utc_now
from broadcaster.errors import Unfit
from broadcaster.settings import ChannelSettings, Settings, is_loopback_http, required_secret

#: Gives the secret of that name; the flag says that it opens nothing but an imitation on loopback.
Secrets = Callable[[str, bool], str]

IMITATED_PAGE = "100200300"
IMITATED_APP = "4711"
#: What the imitations publish for everyone to read, by the name of the live secret it stands in for.
_IMITATED_SECRETS: Mapping[str, str] = {
    "BROADCASTER_FACEBOOK_TOKEN": "PAGETOK",
    "BROADCASTER_FACEBOOK_APP_SECRET": "s3cr3t",
    "BROADCASTER_1177_CLIENT_ID": "drill",
    "BROADCASTER_1177_CLIENT_SECRET": "drill",
    "BROADCASTER_1177_PHONE_TOKEN": "PHONETOK",
}


def from_environment(name: str, imitation: bool) -> str:
    """Return the secret `name`; raise `Unfit` if it is missing, a placeholder, or an imitation's out of place."""
    return required_secret(name, imitation=imitation)


def open_channels(
    settings: Settings,
    secrets: Secrets = from_environment,
    *,
    connect: Connect | None = None,
    clock: Clock = utc_now,
    seconds: Seconds = boot_clock,
    last_used: Callable[[str], LastUsed] | None = None,
) -> dict[str, Channel]:
    """Return every configured live channel by its key, all with one TLS context.

    `last_used` gives, for a key, what tells when each step last succeeded there. Raises `Unfit` for a secret that is
    missing or no secret, naming it. Calls nothing outside.
    """
    way_out = connect or over_network()
    zone = ZoneInfo(settings.organisation.timezone)
    opened = {
        key: _open(key, channel, secrets, way_out, clock, seconds, zone, last_used(key) if last_used else None)
        for key, channel in settings.channels.items()
    }
    return {key: Walled(channel, "live") for key, channel in opened.items()}


def open_drill_channels(
    settings: Settings,
    imitation_url: str,
    *,
    connect: Connect | None = None,
    clock: Clock = utc_now,
    seconds: Seconds = boot_clock,
) -> dict[str, Channel]:
    """Return the same keys against the imitation at `imitation_url`, built without any live address or secret.

    Raises `Unfit` unless that is plain http on a loopback address: a drill cannot reach the world.
    """
    base = require_imitation(imitation_url)
    way_out = within(connect or over_network(), base)
    drilled = {key: _imitated(channel, base) for key, channel in settings.channels.items()}
    zone = ZoneInfo(settings.organisation.timezone)
    opened = {
        key: _open(key, channel, _imitated_secret, way_out, clock, seconds, zone) for key, channel in drilled.items()
    }
    return {key: Walled(channel, "drill") for key, channel in opened.items()}


def _open(
    key: str,
    settings: ChannelSettings,
    secrets: Secrets,
    connect: Connect,
    clock: Clock,
    seconds: Seconds,
    zone: ZoneInfo,
    last_used: LastUsed | None = None,
) -> Channel:
    match settings:
        case configuration.OwnWeb():
            return OwnWeb(key)
        case configuration.Manual():
            return Manual(key, settings)
    imitation = is_loopback_http(settings.base_url)
    match settings:
        case configuration.Facebook():
            token = secrets("BROADCASTER_FACEBOOK_TOKEN", imitation)
            app_secret = secrets("BROADCASTER_FACEBOOK_APP_SECRET", imitation)
            return Facebook(
                key, settings, token, app_secret,
                connect=connect, clock=clock, seconds=seconds, zone=zone, last_used=last_used)  # fmt: skip
        case configuration.ContentManagement():
            client_id = secrets("BROADCASTER_1177_CLIENT_ID", imitation)
            client_secret = secrets("BROADCASTER_1177_CLIENT_SECRET", imitation)
            return ContentManagement(key, settings, client_id, client_secret, connect=connect, clock=clock)
        case configuration.PhoneGateway():
            token = secrets("BROADCASTER_1177_PHONE_TOKEN", imitation)
            return PhoneGateway(key, settings, token, connect=connect, clock=clock)


def _imitated(settings: ChannelSettings, base: str) -> ChannelSettings:
    """Return the same kind of channel with every address and identity of the outside replaced."""
    match settings:
        case configuration.Facebook():
            outside = {"base_url": f"{base}/graph", "page_id": IMITATED_PAGE, "app_id": IMITATED_APP}
        case configuration.ContentManagement():
            outside = {"base_url": f"{base}/cms"}
        case configuration.PhoneGateway():
            outside = {"base_url": f"{base}/phone"}
        case _:
            return settings
    return settings.model_copy(update=outside)


def _imitated_secret(name: str, imitation: bool) -> str:
    if not imitation:
        raise Unfit(f"{name}: a drill channel was about to be opened against something that is no imitation")
    return _IMITATED_SECRETS[name]
