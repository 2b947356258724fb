"""Passwords: which may be chosen, and how one is checked with equal work for whoever it is."""

import base64
import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from models.values.errors import InvalidArgumentError

_SHORTEST, _LONGEST = 12, 200

_HASHER = PasswordHasher()


class UnfitPasswordError(InvalidArgumentError):
    """A password is too short or too long; it is not told."""

    def __init__(self, length: int) -> None:
        super().__init__(f"the password has {length} characters, not {_SHORTEST} to {_LONGEST}")
        self.length = length
        self.shortest = _SHORTEST
        self.longest = _LONGEST


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """What came of checking a password.

    Attributes
    ----------
    is_right : bool
        Whether it is the one that was kept.
    kept_hash : str or None
        What it was held against; None where there was nothing.
    new_hash : str or None
        What to keep instead, where the parameters have changed since.
    """

    is_right: bool
    kept_hash: str | None
    new_hash: str | None = None


def hash_new_password(password: str) -> str:
    """Compute what is kept of a password.

    Parameters
    ----------
    password : str
        12 to 200 characters.

    Returns
    -------
    str
        Its Argon2id hash (RFC 9106), with salt and parameters; some tenths of a second of work.

    Raises
    ------
    UnfitPasswordError
        If it is too short or too long.
    """
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise UnfitPasswordError(len(password))
    return _HASHER.hash(_fold(password))


def check_password(*, kept_hash: str | None, password: str) -> PasswordCheck:
    """Hold a password against what is kept, or against what nothing matches: the work is the same.

    Parameters
    ----------
    kept_hash : str or None
        The hash; None where there is no account, or it has no password yet.
    password : str
        What was given.

    Returns
    -------
    PasswordCheck
        Whether it is right.
    """
    try:
        _HASHER.verify(kept_hash or _write_unmatched(), _fold(password))
    except VerifyMismatchError:
        return PasswordCheck(is_right=False, kept_hash=kept_hash)
    assert kept_hash is not None, "no password is known that matches where nothing is kept"
    is_dated = _HASHER.check_needs_rehash(kept_hash)
    new_hash = _HASHER.hash(_fold(password)) if is_dated else None
    return PasswordCheck(is_right=True, kept_hash=kept_hash, new_hash=new_hash)


def _fold(password: str) -> bytes:
    """Write letters with their accents in one way: keyboards differ in that."""
    return unicodedata.normalize("NFC", password).encode(errors="surrogatepass")


def _write_unmatched() -> str:
    """Write a hash of the present parameters that no password has been found for."""
    salt, digest = (
        base64.b64encode(bytes(length)).decode().rstrip("=")
        for length in (_HASHER.salt_len, _HASHER.hash_len)
    )
    cost = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"
