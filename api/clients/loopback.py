"""Which machine is this one: what travels to it leaves no wire to listen to."""

from ipaddress import ip_address


def is_local(host: str) -> bool:
    """Tell whether a host is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
