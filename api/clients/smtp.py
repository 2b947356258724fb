"""A mail server: reached by SMTP, trusted only through TLS, and asked one step at a time."""

import io
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import SecretStr

from api.clients.loopback import is_local
from models.values.errors import ConflictError, InvalidArgumentError, UnavailableError

_LONGEST_ANSWER = 400
_MOST_BYTES = 1 << 16
"""Bytes of one answer, all of its lines together."""
_ADDRESS = re.compile(r"\S*@\S*")
_SUCCESSES, _PASSING, _REFUSALS = range(200, 300), range(400, 500), range(400, 600)
_CLOSING, _TOO_LARGE = 421, 552


class MailSecurity(StrEnum):
    """How the way to a mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class UnsafeMailServerError(InvalidArgumentError):
    """E-mails and a password would travel readable by all.

    Attributes
    ----------
    host : str
        The mail server.
    """

    def __init__(self, host: str) -> None:
        super().__init__(
            f"the mail server {host} is another machine: reach it by starttls or tls, not by none"
        )
        self.host = host


class MailServerError(UnavailableError):
    """The mail server takes no e-mail at all for now, whatever it is.

    Attributes
    ----------
    host : str
        The mail server.
    reason : str
        What is wrong.
    """

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"the mail server {host} takes nothing: {reason}; see to its settings")
        self.host = host
        self.reason = reason


class BrokenConnectionError(UnavailableError):
    """The connection to the mail server broke before an e-mail was under way."""

    def __init__(self) -> None:
        super().__init__("the connection to the mail server broke: it is tried again")


class MailRefusedError(ConflictError):
    """The mail server refuses one e-mail, for good or for the moment.

    Attributes
    ----------
    reply : MailReply
        What it said.
    """

    def __init__(self, reply: "MailReply") -> None:
        super().__init__(f"the mail server refused with {reply.code}: {reply.text}")
        self.reply = reply


class NoAnswerError(UnavailableError):
    """The connection broke while an e-mail was under way: nobody knows whether it was taken."""

    def __init__(self) -> None:
        super().__init__("the connection broke before the mail server said whether it took it")


@dataclass(frozen=True, slots=True)
class MailReply:
    """What a mail server answered.

    Attributes
    ----------
    code : int
        Three digits (RFC 5321, 4.2).
    text : str
        What it said, without addresses.
    """

    code: int
    text: str

    @property
    def may_pass(self) -> bool:
        """Whether the same e-mail may be taken later."""
        return self.code in _PASSING


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mails are handed in.

    Attributes
    ----------
    host : str
        Name of the machine.
    port : int
        Usually 587 for STARTTLS, 465 for TLS.
    security : MailSecurity
        None of it only on this very machine.
    sender : str
        Address in whose name e-mails go out.
    username, password : SecretStr or None
        To log in with; not at all without both.
    timeout_seconds : float
        How long to wait for the whole of each answer [s].
    sender_name : str
        Name that mail programs show with the sender's address; none if empty.

    Raises
    ------
    UnsafeMailServerError
        If another machine would be reached without TLS.
    """

    host: str
    port: int
    security: MailSecurity
    sender: str
    username: SecretStr | None = None
    password: SecretStr | None = None
    timeout_seconds: float = 60.0
    sender_name: str = ""

    def __post_init__(self) -> None:
        if self.security is MailSecurity.NONE and not is_local(self.host):
            raise UnsafeMailServerError(self.host)


class MailConnection:
    """A conversation with a mail server, in which e-mails follow each other."""

    def __init__(self, smtp: smtplib.SMTP, server: MailServer) -> None:
        self._smtp = smtp
        self._server = server

    def offer(self, recipient: str, size_bytes: int) -> None:
        """Ask whether the server would take an e-mail to somebody.

        Raises
        ------
        MailRefusedError
            If it would not, for the moment or for good.
        MailServerError
            If it takes none in the sender's name.
        BrokenConnectionError
            If it does not answer.
        """
        has_size = self._smtp.has_extn("size")
        options = [f"size={size_bytes}"] if has_size else []
        try:
            reply = _read(*self._smtp.mail(self._server.sender, options))
            self._judge_sender(reply)
            _demand(_read(*self._smtp.rcpt(recipient)))
        except MailRefusedError as refusal:
            self._forget(refusal.reply)
            raise
        except OSError as error:
            raise BrokenConnectionError from error

    def deliver(self, content: bytes) -> MailReply:
        """Send the e-mail that was offered, and give the server's answer: it is its affair now.

        Raises
        ------
        MailRefusedError
            If the server does not take it.
        NoAnswerError
            If nobody knows whether it did.
        """
        try:
            return _demand(self._transmit(content))
        except MailRefusedError as refusal:
            self._forget(refusal.reply)
            raise
        except OSError as error:
            raise NoAnswerError from error

    def _transmit(self, content: bytes) -> MailReply:
        """Send all of it, and wait for the answer."""
        try:
            return _read(*self._smtp.data(content))
        except smtplib.SMTPDataError as refusal:
            if refusal.smtp_code in _REFUSALS:
                return _read(refusal.smtp_code, refusal.smtp_error)
            raise

    def _judge_sender(self, reply: MailReply) -> None:
        """Tell a server that refuses this e-mail from one that refuses its sender."""
        if reply.code in _SUCCESSES:
            return
        if reply.code in _PASSING or reply.code == _TOO_LARGE:
            raise MailRefusedError(reply)
        raise MailServerError(self._server.host, f"{reply.code} {reply.text}")

    def _forget(self, reply: MailReply) -> None:
        """Begin anew after a refusal; a server that hangs up is asked no more."""
        with suppress(OSError):
            if reply.code == _CLOSING:
                self._smtp.close()
            else:
                self._smtp.rset()


@contextmanager
def connect_mail(server: MailServer) -> Iterator[MailConnection]:
    """Open a conversation with a mail server: encrypted, then logged in.

    Raises
    ------
    MailServerError
        If it cannot be reached, cannot prove who it is, or refuses the login.
    """
    try:
        smtp = _open(server)
    except (OSError, ValueError) as error:
        raise MailServerError(server.host, _explain(error)) from None
    try:
        yield MailConnection(smtp, server)
    finally:
        with suppress(OSError):
            smtp.quit()
        smtp.close()


class _Answers(io.RawIOBase):
    """What a mail server says: each answer whole within its time, and of few bytes.

    What limits a single read says nothing of how many reads there are: a server that sends a byte
    at a time, or lines without end, would hold its caller for ever.
    """

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds
        self.begin()

    def begin(self) -> None:
        """Begin an answer."""
        self._ends_at = time.monotonic() + self._seconds
        self._bytes_left = _MOST_BYTES

    def readable(self) -> bool:
        """Let it be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read some bytes."""
        left = self._ends_at - time.monotonic()
        if left <= 0.0 or self._bytes_left <= 0:
            raise TimeoutError("the answer takes too much")
        self._connection.settimeout(left)
        try:
            n_bytes = self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(self._seconds)
        self._bytes_left -= n_bytes
        return n_bytes


class _BoundedSmtp(smtplib.SMTP):
    """Takes no more time or bytes for an answer than one needs."""

    _answers: _Answers

    def getreply(self) -> tuple[int, bytes]:
        """Read an answer."""
        if self.file is None and self.sock is not None:
            self._answers = _Answers(self.sock, self.timeout)
            self.file = io.BufferedReader(self._answers)
        self._answers.begin()
        return super().getreply()


class _BoundedTls(_BoundedSmtp, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


def _open(server: MailServer) -> smtplib.SMTP:
    domain = server.sender.rpartition("@")[2]
    more: dict[str, Any] = {"timeout": server.timeout_seconds, "local_hostname": domain}
    if server.security is MailSecurity.TLS:
        trusted = ssl.create_default_context()
        smtp: smtplib.SMTP = _BoundedTls(server.host, server.port, context=trusted, **more)
    else:
        smtp = _BoundedSmtp(server.host, server.port, **more)
    try:
        if server.security is MailSecurity.STARTTLS:
            smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo_or_helo_if_needed()
        if server.username is not None and server.password is not None:
            smtp.login(server.username.get_secret_value(), server.password.get_secret_value())
    except (OSError, ValueError):
        smtp.close()
        raise
    return smtp


def _read(code: int, text: bytes | str) -> MailReply:
    """Keep what can be shown of an answer, and no address; what is none breaks the connection."""
    if code not in _SUCCESSES and code not in _REFUSALS:
        raise smtplib.SMTPServerDisconnected(f"the answer {code} makes no sense")
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    words = " ".join(_ADDRESS.sub("(address)", plain).split())
    shown = "".join(letter for letter in words if letter.isprintable())
    return MailReply(code, shown[:_LONGEST_ANSWER] or "(nothing)")


def _demand(reply: MailReply) -> MailReply:
    if reply.code not in _SUCCESSES:
        raise MailRefusedError(reply)
    return reply


def _explain(error: Exception) -> str:
    """Say why there is no conversation; an answer to a login may quote it, so it is not told."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return f"it refuses the login ({error.smtp_code})"
        case smtplib.SMTPNotSupportedError():
            return "it offers no STARTTLS or no login that is known here"
        case smtplib.SMTPResponseException():
            return f"it answers {error.smtp_code}"
        case ssl.SSLError():
            return f"its certificate or encryption is not to be trusted ({error.reason})"
        case smtplib.SMTPException():
            return "it hangs up, or does not answer in time"
        case OSError():
            return f"no connection ({error.strerror or type(error).__name__})"
    return "the login holds characters that SMTP cannot carry"
