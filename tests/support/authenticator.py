"""An authenticator app."""

import base64
from datetime import timedelta

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from api import clock


class App:
    """Shows one code after another; two of them are taken now."""

    def __init__(self, secret: str) -> None:
        self.clock = TOTP(base64.b32decode(secret), 6, SHA1(), 30)
        self.minutes = 0.0

    def show(self) -> str:
        """Show the code of the half minute after the one shown last, the first of this one."""
        instant = clock.now() + timedelta(minutes=self.minutes)
        self.minutes += 0.5
        return self.clock.generate(int(instant.timestamp())).decode()
