"""Which addresses words and tokens may travel to: https, or plain http to this very machine."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback_http(url: str) -> bool:
    """Tell whether `url` is plain http to this very machine."""
    parts = urlsplit(url)
    return parts.scheme == "http" and is_loopback_host(parts.hostname or "")


def is_loopback_host(host: str) -> bool:
    """Tell whether `host` is this very machine: in figures, or by the one name that always is."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_https_or_loopback(url: str) -> bool:
    """Tell whether words and tokens may travel to `url`."""
    parts = urlsplit(url)
    return (parts.scheme == "https" and bool(parts.hostname)) or is_loopback_http(url)


def check_port(url: str) -> None:
    """Raise `ValueError` unless the port in `url`, if there is one, is a port."""
    try:
        urlsplit(url).port  # noqa: B018 - asking for it is what checks it
    except ValueError:
        raise ValueError("its port is no port: use 1-65535") from None
