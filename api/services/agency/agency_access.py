"""Whether and how records are sent to the tax agency."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from loaders.certificate_files import CertifiedKey, read_certificate_file


@dataclass(frozen=True, slots=True)
class CertificateSource:
    """Where a certificate and its key are.

    Attributes
    ----------
    path : Path
        A PKCS#12 file.
    password : SecretStr or None
        What opens it.
    """

    path: Path
    password: SecretStr | None = field(default=None, repr=False)

    def read(self) -> CertifiedKey:
        """Read them, as they are now: a renewed file needs no restart.

        Returns
        -------
        CertifiedKey
            Whether it is valid today is not looked at.

        Raises
        ------
        UnfitCertificateError
            If they cannot be read.
        """
        password = None if self.password is None else self.password.get_secret_value()
        return read_certificate_file(self.path, password)


@dataclass(frozen=True, slots=True)
class AgencyAccess:
    """How the tax agency is reached.

    Attributes
    ----------
    url : str
        Address of its service.
    certificate : CertificateSource or None
        Who sends.
    sends : bool
        Whether records are to be sent at all.
    """

    url: str
    certificate: CertificateSource | None = None
    sends: bool = False

    @property
    def lack(self) -> str | None:
        """Why messages are stored and not sent; None when they are sent."""
        if not self.sends:
            return "sending is off: set REPARTO_TAX_AGENCY_SENDS=true to send"
        if self.certificate is None:
            return "there is no certificate: set REPARTO_TAX_AGENCY_CERTIFICATE to send"
        return None

    def read_certificate(self, now: datetime) -> CertifiedKey | None:
        """Read the certificate of who sends.

        Parameters
        ----------
        now : datetime
            The present instant, at which it must be valid.

        Returns
        -------
        CertifiedKey or None
            None when nothing is sent.

        Raises
        ------
        UnfitCertificateError
            If it cannot be read, or is not valid.
        """
        if self.lack is not None or self.certificate is None:
            return None
        certified = self.certificate.read()
        certified.check_validity(now)
        return certified
