"""A mail server on a real socket that takes and refuses as a test tells it to."""

import ssl
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from pydantic import SecretStr

from api.clients.smtp import MailSecurity, MailServer

SENDER = "factures@vall.example"
LOGIN = ("reparto", "s3creto")


@dataclass
class Mailbox:
    """Takes e-mails, after the replies that a test wants before that, and keeps what it took."""

    port: int = 0
    taken: list[bytes] = field(default_factory=list)
    replies: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What is answered to MAIL, RCPT and DATA in turn; 250 when there is nothing left."""
    before_reply: Callable[[], None] = lambda: None
    """Done when an e-mail is here and not yet acknowledged."""
    n_connections: int = 0

    async def handle_EHLO(  # noqa: N802
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count the conversations."""
        session.host_name = hostname
        self.n_connections += 1
        return responses

    async def handle_MAIL(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Take the sender, or not."""
        envelope.mail_from = address
        return self._answer("MAIL")

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Take the recipient, or not."""
        reply = self._answer("RCPT")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take the e-mail, or not; ``hang up`` leaves whoever sent it in the dark."""
        reply = self._answer("DATA")
        if reply.startswith("250") or reply == "hang up":
            self.taken.append(envelope.content)
            self.before_reply()
        if reply == "hang up":
            server.transport.abort()
        return reply

    def read(self) -> list[EmailMessage]:
        """Read what was taken."""
        return [message_from_bytes(content, policy=SMTP) for content in self.taken]

    def _answer(self, step: str) -> str:
        return self.replies[step].pop(0) if self.replies[step] else "250 OK"


class _AnyPort(Controller):
    """Listens where there is room."""

    def _trigger_server(self) -> None:
        """Learn the port before the first conversation, which the controller begins itself."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def serving_mail(
    security: MailSecurity = MailSecurity.NONE,
    context: ssl.SSLContext | None = None,
    *,
    needs_login: bool = False,
) -> Iterator[Mailbox]:
    """Serve a mailbox on a free port."""
    mailbox = Mailbox()
    more: dict[str, Any] = {}
    if needs_login:
        more = {"authenticator": _check_login, "auth_required": True}
    if security is MailSecurity.STARTTLS:
        more |= {"tls_context": context, "require_starttls": True}
    elif needs_login:
        more |= {"auth_require_tls": False}
    if security is MailSecurity.TLS:
        more |= {"ssl_context": context}
    controller = _AnyPort(mailbox, hostname="127.0.0.1", port=0, **more)
    controller.start()
    mailbox.port = controller.port
    try:
        yield mailbox
    finally:
        controller.stop()


def _check_login(
    _server: Any, _session: Any, _envelope: Any, _mechanism: str, login: Any
) -> AuthResult:
    is_ours = isinstance(login, LoginPassword) and (login.login, login.password) == tuple(
        text.encode() for text in LOGIN
    )
    return AuthResult(success=is_ours, handled=False)


def reach(mailbox: Mailbox, **more: Any) -> MailServer:
    """Say how a mailbox is reached."""
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": mailbox.port,
        "security": MailSecurity.NONE,
        "sender": SENDER,
        "timeout_seconds": 5.0,
    }
    return MailServer(**(values | more))


def log_in(password: str = LOGIN[1]) -> dict[str, SecretStr]:
    """Give the login."""
    return {"username": SecretStr(LOGIN[0]), "password": SecretStr(password)}
