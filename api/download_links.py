"""Addresses that open one file for a while, without a token: what a page can link to.

The signature stands at the end and is over everything before it: the path, the query, the instant
at which the link ends, and who asked for it. A link therefore opens what its asker may have of
that very file, and nothing else.
"""

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson

from api.authentication import Principal
from models.keyring import KeyPurpose, Keyring
from models.values.access import Capability, Reach, Role
from models.values.errors import CommunityError, ErrorCode

_LONGEST_LINK = 16_000
_KEPT_ASKERS = 512
_FORM = re.compile(
    r"[^?]*\?(?:[^?]*&)?expires=(?P<expires>\d{1,12})"
    r"&signature=(?P<asker>[A-Za-z0-9_-]+)\.(?P<mark>[A-Za-z0-9_-]{43})",
    re.ASCII,
)


class UnfitLinkError(CommunityError):
    """A signed link opens nothing, or no longer; which of the two is not told."""

    code = ErrorCode.UNAUTHENTICATED

    def __init__(self) -> None:
        super().__init__("this link has ended or was changed: ask for a new one")


@dataclass(frozen=True, slots=True)
class LinkSigner:
    """Whoever signs links for one caller until one instant.

    Attributes
    ----------
    keyring : Keyring
        The secrets of the installation.
    asker : Principal
        For whom.
    ends_at : datetime
        When the links end.
    """

    keyring: Keyring
    asker: Principal
    ends_at: datetime

    def sign(self, path: str, **query: object) -> str:
        """Sign the address of a file; what is None is left out of its query."""
        given = {name: value for name, value in query.items() if value is not None}
        expires = int(self.ends_at.timestamp())
        signed = f"{path}?{urlencode(given | {'expires': expires})}"
        signed += f"&signature={_write_asker(self.asker)}"
        mark = self.keyring.sign(KeyPurpose.DOWNLOAD_LINK, signed)
        return f"{signed}.{_to_text(mark)}"


def open_link(keyring: Keyring, address: str, *, at: datetime) -> Principal:
    """Find out on whose behalf a signed link opens its file.

    Parameters
    ----------
    keyring : Keyring
        The secrets of the installation.
    address : str
        Path and query as they came.
    at : datetime
        The present instant.

    Returns
    -------
    Principal
        Who asked for the link: its promoter, reach and capabilities of that time.

    Raises
    ------
    UnfitLinkError
        If it has ended, or is not as it was signed.
    """
    form = _FORM.fullmatch(address) if len(address) <= _LONGEST_LINK else None
    if form is None:
        raise UnfitLinkError
    signed = address[: form.start("mark") - 1]
    is_ours = keyring.is_signed(KeyPurpose.DOWNLOAD_LINK, signed, _to_bytes(form["mark"]))
    if not is_ours or at.timestamp() >= int(form["expires"]):
        raise UnfitLinkError
    return _read_asker(form["asker"])


@lru_cache(_KEPT_ASKERS)
def _write_asker(asker: Principal) -> str:
    """Write who asked, how far it reaches and what it may do."""
    reach = asker.reach
    facts = (
        asker.role,
        sorted(asker.capabilities),
        reach.promoter_id.hex,
        _write_ids(reach.community_ids),
        _write_ids(reach.member_ids),
        _write_id(asker.account_id),
        _write_id(asker.token_id),
    )
    return _to_text(orjson.dumps(facts))


def _read_asker(text: str) -> Principal:
    """Read who asked, of a link that we signed."""
    role, capabilities, promoter_id, community_ids, member_ids, *who = orjson.loads(_to_bytes(text))
    account_id, token_id = (None if key is None else UUID(key) for key in who)
    reached = _read_ids(community_ids), _read_ids(member_ids)
    # Whoever sees all of the promoter's needs no rows of its own.
    reach = Reach(UUID(promoter_id), *reached, None if reached[0] is None else account_id)
    return Principal(
        Role(role),
        frozenset(map(Capability, capabilities)),
        reach,
        token_id=token_id,
        account_id=account_id,
    )


def _write_id(key: UUID | None) -> str | None:
    return None if key is None else key.hex


def _write_ids(keys: frozenset[UUID] | None) -> list[str] | None:
    return None if keys is None else sorted(key.hex for key in keys)


def _read_ids(texts: Any) -> frozenset[UUID] | None:
    return None if texts is None else frozenset(map(UUID, texts))


def _to_text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _to_bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
