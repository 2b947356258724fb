"""Sealing: what is hidden opens in its own place, under its own key, and nowhere else."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from models.keyring import KeyPurpose, Keyring, UnopenedSecretError, read_key_version

FIRST, SECOND = bytes(range(32)), bytes(range(32, 64))
IBAN = b"ES9121000418450200051332"
PLACE = "mandate_account.iban 00000000-0000-0000-0000-000000000001"
ring = Keyring({1: FIRST})
newer = Keyring({1: FIRST, 2: SECOND})


@given(plain=st.binary(max_size=100), bound_to=st.text(max_size=50))
def test_what_is_sealed_opens_in_its_place(plain, bound_to):
    sealed = newer.seal(KeyPurpose.IBAN, plain, bound_to=bound_to)
    assert newer.open(KeyPurpose.IBAN, sealed, bound_to=bound_to) == plain
    assert read_key_version(sealed) == 2


def test_the_form_is_number_nonce_and_aes_gcm_under_a_drawn_key():
    sealed = ring.seal(KeyPurpose.IBAN, IBAN, bound_to=PLACE)
    key = HKDFExpand(SHA256(), 32, b"reparto iban").derive(FIRST)
    assert sealed[:2] == b"\x00\x01"
    assert AESGCM(key).decrypt(sealed[2:14], sealed[14:], PLACE.encode()) == IBAN


def test_equal_texts_are_sealed_differently():
    assert len({ring.seal(KeyPurpose.IBAN, IBAN, bound_to=PLACE) for _ in range(3)}) == 3


def test_an_older_key_still_opens():
    sealed = ring.seal(KeyPurpose.IBAN, IBAN, bound_to=PLACE)
    assert newer.open(KeyPurpose.IBAN, sealed, bound_to=PLACE) == IBAN


@pytest.mark.parametrize(
    ("keys", "purpose", "place"),
    [
        (Keyring({2: SECOND}), KeyPurpose.IBAN, PLACE),
        (Keyring({1: SECOND}), KeyPurpose.IBAN, PLACE),
        (ring, KeyPurpose.SECOND_FACTOR, PLACE),
        (ring, KeyPurpose.IBAN, PLACE[:-1] + "2"),
    ],
    ids=["key missing", "another key", "another purpose", "another row"],
)
def test_it_opens_nowhere_else(keys, purpose, place):
    sealed = ring.seal(KeyPurpose.IBAN, IBAN, bound_to=PLACE)
    with pytest.raises(UnopenedSecretError, match="something sealed under key 1 does not open"):
        keys.open(purpose, sealed, bound_to=place)


@given(cut=st.integers(0, 53), change=st.integers(1, 255))
def test_a_changed_byte_is_seen(cut, change):
    sealed = bytearray(ring.seal(KeyPurpose.IBAN, IBAN, bound_to=PLACE))
    with pytest.raises(UnopenedSecretError):
        ring.open(KeyPurpose.IBAN, bytes(sealed[:cut]), bound_to=PLACE)
    sealed[cut] ^= change
    with pytest.raises(UnopenedSecretError):
        ring.open(KeyPurpose.IBAN, bytes(sealed), bound_to=PLACE)


def test_an_index_stays_when_keys_are_added():
    index = ring.index(KeyPurpose.IBAN_INDEX, "ES91")
    assert newer.index(KeyPurpose.IBAN_INDEX, "ES91") == index
    assert newer.index(KeyPurpose.IBAN_INDEX, "ES92") != index
    assert newer.index(KeyPurpose.IBAN, "ES91") != index


def test_a_signature_holds_under_any_key_for_its_text_and_purpose():
    signature = ring.sign(KeyPurpose.DOWNLOAD_LINK, "file 1")
    assert newer.is_signed(KeyPurpose.DOWNLOAD_LINK, "file 1", signature)
    assert newer.sign(KeyPurpose.DOWNLOAD_LINK, "file 1") != signature
    assert not newer.is_signed(KeyPurpose.DOWNLOAD_LINK, "file 2", signature)
    assert not newer.is_signed(KeyPurpose.IBAN, "file 1", signature)
    assert not Keyring({2: SECOND}).is_signed(KeyPurpose.DOWNLOAD_LINK, "file 1", signature)
