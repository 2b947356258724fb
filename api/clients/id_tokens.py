"""What an OpenID provider vouches for: an ID token, checked before a word of it is believed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import Key, KeySet, import_key

from models.values.errors import CommunityError, ErrorCode

ALGORITHMS = tuple(
    f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in ("256", "384", "512")
)
"""Signatures with a key of the provider's own: neither none nor one that we share."""

LEEWAY_SECONDS = 60
"""By how much its clock may differ from ours."""

MOST_KEYS = 100
_KEY_KINDS = ("RSA", "EC", "OKP")
_LONGEST_TOKEN = 20_000
_LONGEST_SUBJECT = 255
"""OpenID Connect Core 1.0, 2."""


class UnfitIdTokenError(CommunityError):
    """An ID token does not say, for certain, who signs in here and now.

    Attributes
    ----------
    reason : str
        Which check it failed, without a word of what it holds.
    """

    code = ErrorCode.UNAUTHENTICATED

    def __init__(self, reason: str) -> None:
        super().__init__(f"the provider's ID token does not hold: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class VouchedIdentity:
    """Who somebody is to a provider.

    Attributes
    ----------
    issuer : str
        The provider.
    subject : str
        Its name for them, which never changes and is nobody else's.
    verified_email : str or None
        Their address, if the provider has seen to it that it is theirs.
    """

    issuer: str
    subject: str
    verified_email: str | None


@dataclass(frozen=True, slots=True)
class ExpectedToken:
    """What the ID token of one sign-in has to say.

    Attributes
    ----------
    issuer, client_id : str
        Who made it, and for whom.
    nonce : str
        Drawn when the sign-in began.
    access_token : str
        What came with it; ``at_hash`` is over it.
    """

    issuer: str
    client_id: str
    nonce: str
    access_token: str


def read_keys(found: object) -> KeySet:
    """Read a provider's published keys (RFC 7517); those of other kinds or uses are left out."""
    entries = found.get("keys") if isinstance(found, dict) else None
    listed = entries if isinstance(entries, list) else []
    keys = (_read_key(entry) for entry in listed[:MOST_KEYS] if isinstance(entry, dict))
    return KeySet([key for key in keys if key is not None])


def _read_key(entry: dict[str, Any]) -> Key | None:
    if entry.get("kty") not in _KEY_KINDS or entry.get("use", "sig") != "sig":
        return None
    try:
        return import_key(entry)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def read_id_token(
    text: str,
    find_keys: Callable[[str | None], KeySet],
    expected: ExpectedToken,
    *,
    at: datetime,
) -> VouchedIdentity:
    """Find out whom an ID token is about (OpenID Connect Core 1.0, 3.1.3.7).

    Parameters
    ----------
    text : str
        The token as it came.
    find_keys : callable
        Gives the provider's keys for the name of the one that signed, if it is named.
    expected : ExpectedToken
        What it has to say.
    at : datetime
        The present instant.

    Returns
    -------
    VouchedIdentity
        Whom.

    Raises
    ------
    UnfitIdTokenError
        If signature, issuer, audience, life, nonce or the hash of the access token do not fit.
    """
    if len(text) > _LONGEST_TOKEN:
        raise UnfitIdTokenError("length")
    try:
        token = jwt.decode(
            text, lambda signed: find_keys(signed.headers().get("kid")), algorithms=ALGORITHMS
        )
        claims = _check_claims(token, expected, at)
    except ClaimError as error:
        raise UnfitIdTokenError(f"{error.error} {error.claim}") from error
    except JoseError as error:
        raise UnfitIdTokenError(error.error) from error
    except (ValueError, TypeError, KeyError) as error:
        raise UnfitIdTokenError("form") from error
    subject = claims["sub"]
    if not subject.isprintable() or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise UnfitIdTokenError("invalid_claim sub")
    return VouchedIdentity(expected.issuer, subject, _find_verified_email(claims))


def _check_claims(token: jwt.Token, expected: ExpectedToken, at: datetime) -> Mapping[str, Any]:
    options = {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client_id},
    }
    known = {
        "client_id": expected.client_id,
        "nonce": expected.nonce,
        "access_token": expected.access_token,
    }
    claims: CodeIDToken = CodeIDToken(token.claims, token.header, options, known)
    claims.validate(now=int(at.timestamp()), leeway=LEEWAY_SECONDS)
    return dict(claims)


def _find_verified_email(claims: Mapping[str, Any]) -> str | None:
    """Take an address only with the provider's plain word for it, the Boolean itself."""
    email = claims.get("email")
    return email if isinstance(email, str) and claims.get("email_verified") is True else None
