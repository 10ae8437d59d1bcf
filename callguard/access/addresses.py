"""From which address somebody comes, by the word of those whom the settings trust."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Behind our own proxy (BEHIND_PROXY) what it wrote itself, which is the last of the list: what stands before came
    from outside and may be made up. Without a proxy the header is not looked at."""
    direct = str(request.META.get("REMOTE_ADDR") or "")
    if not settings.BEHIND_PROXY:
        return direct
    written = str(request.META.get("HTTP_X_FORWARDED_FOR") or "").rpartition(",")[2].strip()
    return written if is_address(written) else direct


def network_of(request: HttpRequest) -> str:
    """The address to count knocks by. One line of IPv6 is a whole network of addresses: they count as one."""
    address = address_of(request)
    if ":" in address and is_address(address):
        return str(ip_network(f"{address.partition('%')[0]}/64", strict=False))
    return address


def is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
