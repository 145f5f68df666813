"""The kinds that come with this package, in the form in which another package describes its own."""

from typing import Any

from pydantic import BaseModel

from broadcaster import settings as configuration
from broadcaster.channels import Way
from broadcaster.channels.content_management import ContentManagement
from broadcaster.channels.email import KIND as EMAIL
from broadcaster.channels.facebook import Facebook
from broadcaster.channels.manual import Manual
from broadcaster.channels.own_web import OwnWeb
from broadcaster.channels.phone_gateway import PhoneGateway
from broadcaster.channels.restapp import KIND as RESTAPP
from broadcaster.channels.sms_46elks import KIND as SMS_46ELKS
from broadcaster.kinds import Kind, Tools

__all__ = ["CONTENT_MANAGEMENT", "EMAIL", "FACEBOOK", "MANUAL", "OWN_WEB", "PHONE_GATEWAY", "RESTAPP", "SMS_46ELKS"]


def _all_but(model: type[BaseModel], *outside: str) -> frozenset[str]:
    """Return the fields a drill keeps: everything but what says where, and as whom."""
    return frozenset(model.model_fields) - {"kind", "base_url", *outside}


def _open_facebook(key: str, settings: configuration.Facebook, tools: Tools) -> Facebook:
    token, secret = tools.secret("BROADCASTER_FACEBOOK_TOKEN"), tools.secret("BROADCASTER_FACEBOOK_APP_SECRET")
    return Facebook(
        key, settings, token, secret, connect=tools.connect, sleep=tools.sleep, clock=tools.clock,
        seconds=tools.seconds, zone=tools.zone, last_used=tools.last_used,
        frozen=tools.frozen)  # fmt: skip


def _open_content_management(key: str, settings: configuration.ContentManagement, tools: Tools) -> ContentManagement:
    name, secret = tools.secret("BROADCASTER_1177_CLIENT_ID"), tools.secret("BROADCASTER_1177_CLIENT_SECRET")
    connect, sleep, clock = tools.connect, tools.sleep, tools.clock
    return ContentManagement(key, settings, name, secret, connect=connect, sleep=sleep, clock=clock)


def _open_phone_gateway(key: str, settings: configuration.PhoneGateway, tools: Tools) -> PhoneGateway:
    token = tools.secret("BROADCASTER_1177_PHONE_TOKEN")
    return PhoneGateway(key, settings, token, connect=tools.connect, sleep=tools.sleep, clock=tools.clock)


def _way_of_facebook(settings: Any) -> Way:
    way: Way = settings.protocol
    return way


OWN_WEB = Kind(
    name="own_web",
    settings=configuration.OwnWeb,
    way="row",
    open=lambda key, settings, tools: OwnWeb(key),
    anywhere=False,
)
MANUAL = Kind(
    name="manual",
    settings=configuration.Manual,
    way="person",
    open=lambda key, settings, tools: Manual(key, settings),
)
FACEBOOK = Kind(
    name="facebook",
    settings=configuration.Facebook,
    way=_way_of_facebook,
    open=_open_facebook,
    secrets={"BROADCASTER_FACEBOOK_TOKEN": "PAGETOK", "BROADCASTER_FACEBOOK_APP_SECRET": "s3cr3t"},
    imitation="graph",
    drill={"page_id": "100200300", "app_id": "4711"},
    keeps=_all_but(configuration.Facebook, "page_id", "app_id", "planner_url"),
    anywhere=False,
)
CONTENT_MANAGEMENT = Kind(
    name="content_management",
    settings=configuration.ContentManagement,
    way="upsert",
    open=_open_content_management,
    secrets={"BROADCASTER_1177_CLIENT_ID": "drill", "BROADCASTER_1177_CLIENT_SECRET": "drill"},
    imitation="cms",
    drill={"parent": "4711"},
    keeps=_all_but(configuration.ContentManagement, "parent"),
    anywhere=False,
)
PHONE_GATEWAY = Kind(
    name="phone_gateway",
    settings=configuration.PhoneGateway,
    way="upsert",
    open=_open_phone_gateway,
    secrets={"BROADCASTER_1177_PHONE_TOKEN": "PHONETOK"},
    imitation="phone",
    keeps=_all_but(configuration.PhoneGateway),
    anywhere=False,
)
