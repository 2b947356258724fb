"""The keys of tests: those of the environment in which they run, too."""

import base64

from models.keyring import KEY_BYTES, Keyring

_SECRET = bytes(range(KEY_BYTES))

SECRET_KEYS = f"1:{base64.b64encode(_SECRET).decode()}"
"""As settings have it."""

KEYRING = Keyring({1: _SECRET})
