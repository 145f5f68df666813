"""What people call each channel."""

from collections.abc import Mapping

from broadcaster.errors import Text
from broadcaster.kinds import INSTALLED

CHANNEL_NAMES: Mapping[str, Text] = {
    "own_web": Text("Egen webbsida", "Own web page"),
    "facebook": Text("Facebook", "Facebook"),
    "1177_notice": Text("Notis på 1177.se", "Notice on 1177.se"),
    "1177_article": Text("Artikel på 1177.se", "Article on 1177.se"),
    "1177_phone": Text("Talsvar före 1177-kön", "Voice message before the 1177 queue"),
    "1177_inbox": Text("1177 inkorg", "1177 inbox"),
    "region_web": Text("Regionens webbplats", "The region's website"),
    "intranet": Text("Intranätet", "The intranet"),
    "p4": Text("Sveriges Radio P4", "Sveriges Radio P4"),
    "press": Text("Pressen", "The press"),
    "neighbours": Text("Grannarna (kommuner, P4, länsstyrelsen)", "The neighbours (municipalities, P4, county board)"),
    "sms": Text("Sms", "SMS"),
}


def channel_name(key: str) -> Text:
    """Return what people call the channel `key`; a region's own channel is called by its key, or as its kind says."""
    if key in CHANNEL_NAMES:
        return CHANNEL_NAMES[key]
    kind = INSTALLED.bringing(key)
    return kind.names[key] if kind else Text(key.replace("_", " "), key.replace("_", " "))
