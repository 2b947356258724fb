"""How much a caller may ask for in a while: a bucket each, emptied by what it costs, refilled."""

from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from models.values.errors import CommunityError, ErrorCode

MOST_BUCKETS = 20_000
"""Callers that are remembered; the one that called longest ago is forgotten first."""

REQUEST_COST = 100
"""What any request costs, whatever is in it."""

FILE_COST = 1_000
"""What it costs to send or fetch a file."""

REFUSAL_COST = 100
"""What it costs an address to show a token or a session that opens nothing."""

_KEPT_NAMES = 4_096

_BITS_OF_CALLER = (32, 64)
"""Of an address, by version 4 and 6 of its protocol: what lies below belongs to one caller."""

_BITS_OF_NETWORK = (24, 48)
"""What lies below often belongs to one owner."""


class TooMuchAskedError(CommunityError):
    """A caller has asked for more than it may in so short a time.

    Attributes
    ----------
    seconds : int
        When to ask again [s].
    """

    code = ErrorCode.RATE_LIMITED

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too much was asked for in too short a time: ask again in {seconds} s")
        self.seconds = seconds


@dataclass(slots=True)
class _Bucket:
    """What a caller had left, and when."""

    left: float
    at: float


class RateLimit:
    """The buckets of all callers of one kind, each of which holds what a while refills."""

    def __init__(
        self, most: float, most_buckets: int = MOST_BUCKETS, *, seconds: float = 60.0
    ) -> None:
        self.most = most
        self.most_buckets = most_buckets
        self.seconds = seconds
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def charge(self, caller: str, cost: float, *, at: float) -> None:
        """Take a cost out of a caller's bucket, or refuse and leave it as it is.

        What costs more than a bucket holds empties a full one.

        Raises
        ------
        TooMuchAskedError
            If there is not so much in it at that second.
        """
        bucket = self._refill(caller, at)
        cost = min(cost, self.most)
        if bucket.left < cost:
            missing = cost - bucket.left
            raise TooMuchAskedError(int(missing * self.seconds / self.most) + 1)
        bucket.left -= cost

    def spend(self, caller: str, cost: float, *, at: float) -> None:
        """Take out a cost that has been caused already, even if a bucket owes it then."""
        self._refill(caller, at).left -= cost

    def _refill(self, caller: str, at: float) -> _Bucket:
        """Find a bucket with what it holds by now; a new one is full."""
        bucket = self._buckets.setdefault(caller, _Bucket(self.most, at))
        self._buckets.move_to_end(caller)
        gained = max(0.0, at - bucket.at) * self.most / self.seconds
        bucket.left = min(self.most, bucket.left + gained)
        bucket.at = at
        if len(self._buckets) > self.most_buckets:
            self._buckets.popitem(last=False)
        return bucket


def name_address(host: str | None) -> str:
    """Name who calls from an address: itself, or the network of an IPv6 address."""
    return _name(host, *_BITS_OF_CALLER).removesuffix("/32")


def name_network(host: str | None) -> str:
    """Name the network that an address is of: whoever has one address has many of it."""
    return _name(host, *_BITS_OF_NETWORK)


@lru_cache(maxsize=_KEPT_NAMES)
def _name(host: str | None, bits_4: int, bits_6: int) -> str:
    try:
        address = ip_address(host or "")
    except ValueError:
        return host or "nowhere"
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    bits = bits_6 if isinstance(address, IPv6Address) else bits_4
    return str(ip_network((address, bits), strict=False))
