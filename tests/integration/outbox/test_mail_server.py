"""The mail server's client: whom it trusts, what it tells apart, and what it never shows."""

import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from api.clients.smtp import (
    BrokenConnectionError,
    MailConnection,
    MailRefusedError,
    MailReply,
    MailSecurity,
    MailServer,
    MailServerError,
    NoAnswerError,
    UnsafeMailServerError,
    connect_mail,
)
from tests.support.certificates import write_certificate
from tests.support.mail_servers import LOGIN, SENDER, log_in, reach, serving_mail

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not")

TO = "ana@vila.example"
CONTENT = b"Subject: hi\r\n\r\n.a line that begins with a point\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    write_certificate(path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return path, context


def hand_in(server: MailServer) -> str:
    with connect_mail(server) as connection:
        return hand_over(connection).text


def hand_over(connection: MailConnection) -> MailReply:
    connection.offer(TO, len(CONTENT))
    return connection.deliver(CONTENT)


@pytest.mark.parametrize("security", MailSecurity)
def test_an_e_mail_is_handed_in_after_a_login(certificate, monkeypatch, security):
    path, context = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with serving_mail(security, context, needs_login=True) as mailbox:
        server = reach(mailbox, host="localhost", security=security, **log_in())
        assert hand_in(server) == "OK"
    assert mailbox.taken == [CONTENT]


@pytest.mark.parametrize("security", [MailSecurity.STARTTLS, MailSecurity.TLS])
def test_a_server_that_cannot_prove_its_name_gets_nothing(certificate, security):
    with (
        serving_mail(security, certificate[1]) as mailbox,
        pytest.raises(MailServerError, match="certificate or encryption is not to be trusted"),
    ):
        hand_in(reach(mailbox, host="localhost", security=security))
    assert mailbox.taken == []


def test_a_server_without_starttls_gets_nothing():
    with serving_mail() as mailbox, pytest.raises(MailServerError, match="offers no STARTTLS"):
        hand_in(reach(mailbox, security=MailSecurity.STARTTLS))


def test_another_machine_is_never_reached_in_the_open():
    with pytest.raises(UnsafeMailServerError, match="starttls or tls"):
        MailServer("mail.vall.example", 25, MailSecurity.NONE, SENDER)
    assert MailServer("::1", 25, MailSecurity.NONE, SENDER).host == "::1"


def test_a_refused_login_says_so_and_not_how():
    with serving_mail(needs_login=True) as mailbox:
        with pytest.raises(MailServerError, match=r"refuses the login \(535\)") as refused:
            hand_in(reach(mailbox, **log_in("wr0ng")))
        assert "wr0ng" not in f"{refused.value!r} {reach(mailbox, **log_in('wr0ng'))!r}"
        with pytest.raises(MailServerError, match="characters that SMTP cannot carry"):
            hand_in(reach(mailbox, **log_in("contraseña")))
        # Nobody logs in who was not asked to; the server then takes no sender.
        with pytest.raises(MailServerError, match="530"):
            hand_in(reach(mailbox))
    assert LOGIN[1] not in str(refused.value)


@pytest.mark.parametrize(
    ("step", "reply", "may_pass"),
    [
        ("MAIL", "451 4.3.0 later", True),
        ("MAIL", "552 5.3.4 too large", False),
        ("RCPT", "450 4.2.1 greylisted", True),
        ("RCPT", "550 5.1.1 <ana@vila.example>: no such user", False),
        ("DATA", "452 4.3.1 full", True),
        ("DATA", "554 5.7.1 spam", False),
        ("RCPT", "421 4.3.2 closing", True),
    ],
)
def test_one_e_mail_is_refused_for_good_or_for_a_while(step, reply, may_pass):
    with serving_mail() as mailbox:
        mailbox.replies[step] = [reply]
        with connect_mail(reach(mailbox)) as connection:
            with pytest.raises(MailRefusedError) as refused:
                hand_over(connection)
            assert refused.value.reply.may_pass is may_pass
            assert refused.value.reply.code == int(reply[:3])
            assert "ana@" not in str(refused.value)
            if not reply.startswith("421"):
                assert hand_over(connection).code == 250


def test_a_sender_that_is_refused_is_the_servers_affair():
    with serving_mail() as mailbox:
        mailbox.replies["MAIL"] = ["553 5.1.8 not your address"]
        with pytest.raises(MailServerError, match=r"553 5\.1\.8 not your address"):
            hand_in(reach(mailbox))


def test_a_connection_that_breaks_after_the_text_leaves_nobody_the_wiser():
    with serving_mail() as mailbox:
        mailbox.replies["DATA"] = ["hang up"]
        with pytest.raises(NoAnswerError):
            hand_in(reach(mailbox))
    assert mailbox.taken == [CONTENT]


@contextmanager
def speaking(*lines: str):
    """Serve one conversation in which every command is answered by the next line."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with listener.accept()[0] as caller, caller.makefile("rwb") as stream:
                for line in lines:
                    stream.write(line.encode() + b"\r\n")
                    stream.flush()
                    if line != lines[-1]:
                        stream.readline()

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield MailServer(
                "127.0.0.1", listener.getsockname()[1], MailSecurity.NONE, SENDER, None, None, 2.0
            )
        finally:
            thread.join()


@pytest.mark.parametrize(
    ("lines", "kind", "said"),
    [
        (["554 no"], MailServerError, "it answers 554"),
        (["220 hi"], MailServerError, "hangs up"),
        (["220 hi", "250 me"], BrokenConnectionError, "broke"),
        (["220 hi", "250 me", "250 OK", "399 what"], BrokenConnectionError, "broke"),
        (["220 hi", "250 me", "250 OK", "250 OK", "250 what"], NoAnswerError, "before"),
        (["220 hi", "250 me", "250 OK", "250 OK", "450 not now"], MailRefusedError, "450"),
    ],
)
def test_nonsense_and_silence_are_told_apart(lines, kind, said):
    with speaking(*lines) as server, pytest.raises(kind, match=said):
        hand_in(server)


@contextmanager
def dripping(first: bytes, drop: bytes, pause_seconds: float):
    """Serve one conversation that begins well, and then goes on for as long as it is let."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            with listener.accept()[0] as caller, suppress(OSError):
                caller.sendall(b"220 hi\r\n")
                caller.recv(100)
                caller.sendall(first)
                while True:
                    caller.sendall(drop)
                    time.sleep(pause_seconds)

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            port = listener.getsockname()[1]
            yield MailServer("127.0.0.1", port, MailSecurity.NONE, SENDER, None, None, 0.5)
        finally:
            thread.join()


@pytest.mark.parametrize(
    ("first", "drop", "pause_seconds", "most_seconds"),
    [(b"250-", b"x", 0.05, 2.0), (b"", b"250-more\r\n" * 1000, 0.0, 2.0)],
    ids=["a byte at a time", "lines without end"],
)
def test_an_answer_without_end_is_none(first, drop, pause_seconds, most_seconds):
    with dripping(first, drop, pause_seconds) as server:
        began = time.monotonic()
        with pytest.raises(MailServerError, match="does not answer in time"):
            hand_in(server)
        assert time.monotonic() - began < most_seconds


def test_nobody_listens():
    with serving_mail() as mailbox:
        pass
    with pytest.raises(MailServerError, match="no connection"):
        hand_in(reach(mailbox))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = MailServer(
            "127.0.0.1", silent.getsockname()[1], MailSecurity.NONE, SENDER, None, None, 0.2
        )
        with pytest.raises(MailServerError, match="does not answer in time"):
            hand_in(server)
