"""A certificate and its key come out of PKCS#12, or it is told what is wrong with the file."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from loaders.certificate_files import (
    CertifiedKey,
    UnfitCertificateError,
    read_certificate_file,
    read_certified_key,
)
from tests.support.certificates import certify, make_key, pack

CERTIFICATE = certify(make_key())


@pytest.mark.parametrize("password", [None, "sésam"])
def test_a_certificate_and_its_key_are_read(tmp_path: Path, password: str | None) -> None:
    path = tmp_path / "ours.p12"
    path.write_bytes(pack(make_key(), CERTIFICATE, password and password.encode()))
    found = read_certificate_file(path, password)
    assert found.certificate == CERTIFICATE
    assert found.key.private_numbers() == make_key().private_numbers()
    assert found.authorities == ()
    assert "key" not in repr(found).replace("CertifiedKey", "")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnfitCertificateError, match="is not a regular file"):
        read_certificate_file(Path("/dev/zero"))
    with pytest.raises(UnfitCertificateError, match=r"no\.p12 cannot be read \(is missing"):
        read_certificate_file(tmp_path / "no.p12")


@pytest.mark.parametrize(
    ("content", "password", "reason"),
    [
        (b"nothing", None, "no PKCS#12"),
        (pack(make_key(), CERTIFICATE, b"right"), b"wrong", "its password is another"),
        (pack(make_key(), CERTIFICATE, b"right"), None, "its password is another"),
        (pack(make_key(), None), None, "lacks the certificate or its private key"),
    ],
)
def test_what_holds_no_certificate_and_key_is_refused(
    content: bytes, password: bytes | None, reason: str
) -> None:
    with pytest.raises(UnfitCertificateError, match=reason):
        read_certified_key(content, password)


def test_the_key_of_another_certificate_is_refused() -> None:
    other = certify(ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(UnfitCertificateError, match="another certificate"):
        CertifiedKey(other, make_key())


def test_a_certificate_has_its_time() -> None:
    found = read_certified_key(pack(make_key(), CERTIFICATE))
    found.check_validity(datetime(2026, 1, 1, tzinfo=UTC))
    for year in (2019, 2090):
        with pytest.raises(UnfitCertificateError, match="from 2020-01-01 to 2090-01-01, not on"):
            found.check_validity(datetime(year, 6, 1, tzinfo=UTC))
