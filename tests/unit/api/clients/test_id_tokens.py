"""An ID token is believed only if each of its words fits, and it is signed by the provider."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from api.clients.id_tokens import (
    LEEWAY_SECONDS,
    ExpectedToken,
    UnfitIdTokenError,
    VouchedIdentity,
    read_id_token,
    read_keys,
)
from tests.support.openid_provider import write_token

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECONDS = int(AT.timestamp())
ISSUER = "https://id.example"
EXPECTED = ExpectedToken(ISSUER, "reparto", "n" * 43, "an access token")
KEY = ECKey.generate_key("P-256", {"kid": "1"})
KEYS = read_keys({"keys": [KEY.as_dict(private=False)]})
ODD_HEADER = base64.urlsafe_b64encode(b'{"alg":"ES256","crit":1}').decode()
HEADER = {"alg": "ES256", "kid": "1"}
CLAIMS = {
    "iss": ISSUER,
    "sub": "subject-1",
    "aud": "reparto",
    "iat": SECONDS,
    "exp": SECONDS + 300,
    "nonce": EXPECTED.nonce,
    "email": "ana@vila.example",
    "email_verified": True,
}


def read(claims, header=HEADER, key=KEY, keys=KEYS):
    given = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    return read_id_token(write_token(given, header, key), lambda _kid: keys, EXPECTED, at=AT)


def hash_half(text: str) -> str:
    half = hashlib.sha256(text.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": ["reparto"]},
        {"aud": ["another", "reparto"], "azp": "reparto"},
        {"azp": "reparto"},
        {"at_hash": hash_half("an access token")},
        {"exp": SECONDS - LEEWAY_SECONDS + 1, "iat": SECONDS - 600},
        {"iat": SECONDS + LEEWAY_SECONDS},
        {"sub": "s" * 255},
    ],
)
def test_what_fits_is_believed(claims):
    subject = claims.get("sub", "subject-1")
    assert read(claims) == VouchedIdentity(ISSUER, subject, "ana@vila.example")


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "https://id.example/"}, "invalid_claim iss"),
        ({"iss": None}, "missing_claim iss"),
        ({"iss": [ISSUER]}, "invalid_claim iss"),
        ({"aud": "another"}, "invalid_claim aud"),
        ({"aud": ["another"]}, "invalid_claim aud"),
        ({"aud": []}, "invalid_claim aud"),
        ({"aud": None}, "missing_claim aud"),
        ({"aud": ["reparto", "another"]}, "missing_claim azp"),
        ({"aud": ["reparto", "another"], "azp": "another"}, "invalid_claim azp"),
        ({"azp": "another"}, "invalid_claim azp"),
        ({"exp": SECONDS - LEEWAY_SECONDS}, "expired_token exp"),
        ({"exp": None}, "missing_claim exp"),
        ({"exp": "never"}, "invalid_claim exp"),
        ({"iat": SECONDS + LEEWAY_SECONDS + 1}, "invalid_claim iat"),
        ({"iat": None}, "missing_claim iat"),
        ({"nbf": SECONDS + LEEWAY_SECONDS + 1}, "invalid_claim nbf"),
        ({"nonce": "m" * 43}, "invalid_claim nonce"),
        ({"nonce": None}, "missing_claim nonce"),
        ({"nonce": ["n" * 43]}, "invalid_claim nonce"),
        ({"at_hash": hash_half("another")}, "invalid_claim at_hash"),
        ({"at_hash": [1]}, "invalid_claim at_hash"),
        ({"sub": None}, "missing_claim sub"),
        ({"sub": ""}, "invalid_claim sub"),
        ({"sub": 1}, "invalid_claim sub"),
        ({"sub": "a\0"}, "invalid_claim sub"),
        ({"sub": "s" * 256}, "invalid_claim sub"),
    ],
)
def test_what_does_not_fit_is_refused(claims, reason):
    with pytest.raises(UnfitIdTokenError) as refused:
        read(claims)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"alg": "none"}, "unsupported_algorithm"),
        ({"alg": "HS256", "kid": "1"}, "unsupported_algorithm"),
        ({"alg": "ES256", "kid": "2"}, "invalid_key_id"),
    ],
)
def test_a_header_that_asks_for_less_is_refused(header, reason):
    with pytest.raises(UnfitIdTokenError) as refused:
        read({}, header)
    assert refused.value.reason == reason


def test_a_signature_of_another_key_is_refused():
    with pytest.raises(UnfitIdTokenError, match="bad_signature"):
        read({}, key=ECKey.generate_key("P-256"))


@pytest.mark.parametrize(
    "text",
    ["", "a", "a.b", "a.b.c", "é.b.c", "x" * 20_001, "e30.e30.e30", f"{ODD_HEADER}.e30.e30"],
)
def test_what_is_no_token_is_refused(text):
    with pytest.raises(UnfitIdTokenError):
        read_id_token(text, lambda _kid: KEYS, EXPECTED, at=AT)


@pytest.mark.parametrize(
    ("claims", "email"),
    [
        ({"email_verified": False}, None),
        ({"email_verified": "true"}, None),
        ({"email_verified": 1}, None),
        ({"email_verified": None}, None),
        ({"email": ["ana@vila.example"]}, None),
    ],
)
def test_an_address_counts_only_with_the_providers_plain_word(claims, email):
    assert read(claims).verified_email is email


def test_keys_of_other_kinds_and_uses_are_left_out():
    public = KEY.as_dict(private=False)
    shared = {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"}
    broken = {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}
    strange = [{"kty": "AKP"}, "key", None, {}, {"kty": "RSA"}, {"kty": ["EC"]}]
    found = read_keys({"keys": [shared, broken, *strange, public | {"use": "enc"}, public]})
    assert [key.kid for key in found] == ["1"]
    for content in (None, [], {"keys": 1}, {}, {"keys": {}}):
        assert not read_keys(content)


def test_one_key_needs_no_name_and_rsa_signs_too():
    key = RSAKey.generate_key(2048)
    keys = KeySet([key])
    claims = CLAIMS | {"iat": SECONDS - 1}
    text = jwt.encode({"alg": "RS256"}, claims, key)
    assert read_id_token(text, lambda _kid: keys, EXPECTED, at=AT).subject == "subject-1"
    later = AT + timedelta(hours=1)
    with pytest.raises(UnfitIdTokenError, match="expired_token"):
        read_id_token(text, lambda _kid: keys, EXPECTED, at=later)
