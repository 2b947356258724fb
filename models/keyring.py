"""Seal what the database must not tell: AES-256-GCM, bound to its row, under numbered keys."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from models.values.errors import UnavailableError

KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION_BYTES = 2


SEAL_BYTES = _VERSION_BYTES + _NONCE_BYTES + 16
"""By how many bytes what is sealed is longer than what was hidden: number, nonce and tag."""


class KeyPurpose(StrEnum):
    """What a key is for: each purpose has a key of its own, drawn from the same secret."""

    IBAN = "iban"
    IBAN_INDEX = "iban index"
    SECOND_FACTOR = "second factor"
    DOWNLOAD_LINK = "download link"
    SIGN_UP = "sign-up"
    SIGN_UP_INDEX = "sign-up index"
    MAILED_LINK = "mailed link"
    OPENID_SIGN_IN = "openid sign-in"


class UnopenedSecretError(UnavailableError):
    """Something sealed does not open: its key is missing, or it was moved or changed.

    Attributes
    ----------
    version : int
        Number of the key under which it says that it was sealed.
    """

    def __init__(self, version: int) -> None:
        super().__init__(
            f"something sealed under key {version} does not open: give back the key that"
            " REPARTO_SECRET_KEYS or the file secret.keys had when it was stored"
        )
        self.version = version


class Keyring:
    """The secrets of an installation by their numbers; the highest seals, all of them open.

    Parameters
    ----------
    secrets_by_version : mapping of int to bytes
        Secrets of 32 bytes, by number from 1.
    """

    def __init__(self, secrets_by_version: Mapping[int, bytes]) -> None:
        self._secrets = dict(secrets_by_version)
        self.version = max(self._secrets)
        self.versions = tuple(sorted(self._secrets))
        self._draw = cache(self._draw_key)

    def seal(self, purpose: KeyPurpose, plain: bytes, *, bound_to: str) -> bytes:
        """Encrypt bytes so that they open only where they belong.

        Parameters
        ----------
        purpose : KeyPurpose
            Whose key.
        plain : bytes
            What to hide.
        bound_to : str
            Table, column and id of its row.

        Returns
        -------
        bytes
            Number of the key, nonce, ciphertext and tag.
        """
        nonce = secrets.token_bytes(_NONCE_BYTES)
        cipher = AESGCM(self._draw(purpose, self.version))
        head = self.version.to_bytes(_VERSION_BYTES, "big") + nonce
        return head + cipher.encrypt(nonce, plain, bound_to.encode())

    def open(self, purpose: KeyPurpose, sealed: bytes, *, bound_to: str) -> bytes:
        """Decrypt what was sealed for this very place.

        Parameters
        ----------
        purpose : KeyPurpose
            Whose key.
        sealed : bytes
            What ``seal`` gave.
        bound_to : str
            Table, column and id of its row.

        Returns
        -------
        bytes
            What was hidden.

        Raises
        ------
        UnopenedSecretError
            If its key is missing, or it was sealed for another place, or changed.
        """
        version = read_key_version(sealed)
        begin = _VERSION_BYTES + _NONCE_BYTES
        if version not in self._secrets:
            raise UnopenedSecretError(version)
        cipher = AESGCM(self._draw(purpose, version))
        try:
            return cipher.decrypt(sealed[_VERSION_BYTES:begin], sealed[begin:], bound_to.encode())
        except (InvalidTag, ValueError) as error:
            raise UnopenedSecretError(version) from error

    def index(self, purpose: KeyPurpose, plain: str) -> bytes:
        """Compute by what an equal text is found without being told: under the first key for good.

        Parameters
        ----------
        purpose : KeyPurpose
            Whose key.
        plain : str
            What is searched for.

        Returns
        -------
        bytes
            HMAC-SHA-256, 32 bytes.
        """
        return self._digest(purpose, min(self._secrets), plain)

    def sign(self, purpose: KeyPurpose, text: str) -> bytes:
        """Compute the signature of a text, HMAC-SHA-256 under the newest key, 32 bytes."""
        return self._digest(purpose, self.version, text)

    def is_signed(self, purpose: KeyPurpose, text: str, signature: bytes) -> bool:
        """Tell whether a signature is that of a text under any key, in constant time."""
        made = (self._digest(purpose, version, text) for version in self._secrets)
        return any(hmac.compare_digest(one, signature) for one in made)

    def _digest(self, purpose: KeyPurpose, version: int, text: str) -> bytes:
        return hmac.digest(self._draw(purpose, version), text.encode(), hashlib.sha256)

    def _draw_key(self, purpose: KeyPurpose, version: int) -> bytes:
        derived = HKDFExpand(SHA256(), KEY_BYTES, b"reparto " + purpose.encode())
        return derived.derive(self._secrets[version])


def read_key_version(sealed: bytes) -> int:
    """Tell the number of the key under which something was sealed."""
    return int.from_bytes(sealed[:_VERSION_BYTES], "big")
