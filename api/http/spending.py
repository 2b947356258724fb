"""Every request is charged to its caller: to a token or an account, and else to an address."""

import time
from functools import partial

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.errors import show_expected
from api.rate_limit import (
    REFUSAL_COST,
    RateLimit,
    TooMuchAskedError,
    name_address,
    name_network,
)
from models.values.access import Role

_HOUR = 3_600.0
_UNAUTHENTICATED = 401
_TRY_AGAIN_LATER = 1013
"""What closes a WebSocket (RFC 6455, 11.7)."""


class Spending:
    """Give each request something to charge: ``scope["charge"]``, once its caller is known.

    Sign-ups and sign-ins, each of which leaves something behind, are counted by themselves, by
    networks, whoever calls: ``scope["count_sign_up"]`` and ``scope["count_sign_in"]`` tell the
    network. An address that shows too many tokens which open nothing is not listened to for a
    while.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        known: float,
        public: float,
        sign_ups_an_hour: float,
        sign_ins_an_hour: float,
    ) -> None:
        self.app = app
        self.sign_ups = RateLimit(sign_ups_an_hour, seconds=_HOUR)
        self.sign_ins = RateLimit(sign_ins_an_hour, seconds=_HOUR)
        self.known = RateLimit(known)
        self.public = RateLimit(public)
        self.refused = RateLimit(public)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watch one request or connection."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        host = (scope.get("client") or (None,))[0]
        address, network = name_address(host), name_network(host)

        def charge(cost: float) -> None:
            principal, at = scope["principal"], time.monotonic()
            if principal.role is Role.PUBLIC:
                self.public.charge(address, cost, at=at)
            else:
                caller = principal.token_id or principal.account_id
                self.known.charge(str(caller), cost, at=at)

        def count(limit: RateLimit) -> str:
            limit.charge(network, 1.0, at=time.monotonic())
            return network

        async def send_watched(message: Message) -> None:
            if message.get("status") == _UNAUTHENTICATED:
                self.refused.spend(address, REFUSAL_COST, at=time.monotonic())
            await send(message)

        scope["charge"] = charge
        scope["count_sign_up"] = partial(count, self.sign_ups)
        scope["count_sign_in"] = partial(count, self.sign_ins)
        try:
            self.refused.charge(address, 0.0, at=time.monotonic())
        except TooMuchAskedError as error:
            await _refuse(error, scope, receive, send)
        else:
            await self.app(scope, receive, send_watched)
        finally:
            # It refers to the scope: what belongs to a request would wait for the collector.
            del scope["charge"]


async def _refuse(error: TooMuchAskedError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await show_expected(error)(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": _TRY_AGAIN_LATER})
