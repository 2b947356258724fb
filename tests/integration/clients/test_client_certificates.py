"""A certificate is presented from files that do not outlive the moment."""

import ssl
import tempfile

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from api.clients.client_certificates import (
    ClientCertificate,
    UnpresentableCertificateError,
    present_certificate,
)
from tests.support.certificates import certify, make_key


def test_nothing_is_left_of_the_key(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ours = ClientCertificate((certify(make_key()),), make_key())
    present_certificate(ssl.create_default_context(), ours)
    assert list(tmp_path.iterdir()) == []
    assert "key" not in repr(ours)


def test_the_key_of_another_certificate_is_refused():
    other = ClientCertificate((certify(make_key()),), ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(UnpresentableCertificateError):
        present_certificate(ssl.create_default_context(), other)
