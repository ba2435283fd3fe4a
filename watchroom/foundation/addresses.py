"""From which address does a request come? Behind proxies the connection's own is only the last proxy's."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def of(request: HttpRequest) -> str:
    """The client's address, by which tries and reports are counted.

    `WATCHROOM_PROXIES` says how many proxies of ours stand before us. Each writes whom it heard onto the right end of
    X-Forwarded-For, so the client is the n-th from the right; what stands further left the client may have written. Without
    proxies the header is not read at all. One that is too short, or holds no address at that place, did not come through
    them all: then the connection's own address counts.
    """
    nearest = request.META.get("REMOTE_ADDR", "")
    proxies = settings.WATCHROOM_PROXIES
    if proxies < 1:
        return nearest
    heard = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return _address(heard[-proxies]) or nearest if len(heard) >= proxies else nearest


def _address(written: str) -> str:
    """`192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7` or `[2001:db8::7]:4711` as an address; empty for anything else."""
    text = written.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return ip_address(text.partition("%")[0]).compressed
    except ValueError:
        return ""
