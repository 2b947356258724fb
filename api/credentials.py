"""What a caller shows, and on whose behalf it acts: the same at the door and while it stays."""

from dataclasses import dataclass
from functools import partial

from anyio import to_thread
from sqlalchemy import Engine
from starlette.datastructures import Headers

from api.authentication import (
    PUBLIC,
    Principal,
    UnauthenticatedError,
    authenticate,
    authenticate_session,
)
from api.clock import now
from api.session_cookie import read_secret
from api.settings import Settings
from models.session import read_session

SECONDS_BETWEEN_CHECKS = 60.0
"""How long a connection may outlive a token that was revoked, or a right that was taken back."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token, or else the secret of a session."""

    authorization: str | None
    secret: str | None

    @classmethod
    def of(cls, headers: Headers, authorization: str | None = None) -> "Credentials":
        """Take what the headers hold, unless a token came on another way."""
        return cls(authorization or headers.get("authorization"), read_secret(headers))

    async def find_principal(self, engine: Engine, settings: Settings) -> Principal:
        """Find out on whose behalf the caller acts now.

        Raises
        ------
        UnauthenticatedError
            If the token opens nothing.
        """
        if self.authorization is None and self.secret is None:
            return PUBLIC
        return await to_thread.run_sync(partial(self._find, engine, settings))

    def _find(self, engine: Engine, settings: Settings) -> Principal:
        with read_session(engine) as session:
            if self.authorization is None:
                return authenticate_session(
                    session,
                    secret=self.secret or "",
                    promoters_need_second_factor=settings.promoters_need_second_factor,
                    at=now(),
                )
            return authenticate(session, authorization=self.authorization, at=now())

    async def still_open(self, begun: Principal, engine: Engine, settings: Settings) -> bool:
        """Tell whether the caller may still do and see what it could."""
        try:
            found = await self.find_principal(engine, settings)
        except UnauthenticatedError:
            return False
        return (found.capabilities, found.reach) == (begun.capabilities, begun.reach)
