"""Signed links, without an application."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from api.authentication import Principal
from api.download_links import LinkSigner, UnfitLinkError, open_link
from models.keyring import Keyring
from models.values.access import Capability, Reach, Role

ENDS_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYRING = Keyring({1: bytes(32)})
ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    "reach", [Reach(ONE), Reach(ONE, frozenset({ONE, TWO}), frozenset({TWO})), Reach(ONE, None)]
)
def test_a_link_keeps_who_asked_and_how_far_it_reaches(reach):
    asker = Principal(Role.MEMBER, frozenset({Capability.OWN}), reach)
    link = LinkSigner(KEYRING, asker, ENDS_AT).sign("/invoice-files/1", year=None)
    assert link.startswith("/invoice-files/1?expires=1795348800&signature=")
    assert open_link(KEYRING, link, at=ENDS_AT - timedelta(milliseconds=1)) == asker
    with pytest.raises(UnfitLinkError):
        open_link(KEYRING, link, at=ENDS_AT)


def test_a_new_key_keeps_links_alive():
    asker = Principal(Role.MEMBER, frozenset(), Reach(ONE))
    link = LinkSigner(KEYRING, asker, ENDS_AT).sign("/x", year=2031)
    newer = Keyring({1: bytes(32), 2: bytes([1]) * 32})
    assert open_link(newer, link, at=ENDS_AT - timedelta(1)) == asker
    with pytest.raises(UnfitLinkError):
        open_link(Keyring({2: bytes([1]) * 32}), link, at=ENDS_AT - timedelta(1))


def test_what_is_no_signature_is_refused():
    # 43 characters of base64 whose last one says bits that no 32 bytes have
    for mark in ("A" * 42 + "B", "A" * 42 + "-", "A" * 43):
        with pytest.raises(UnfitLinkError):
            open_link(KEYRING, f"/x?expires=9999999999&signature=e30.{mark}", at=ENDS_AT)
