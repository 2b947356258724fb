"""What becomes of an e-mail, whatever the mail server says, and who may change it."""

from email.utils import parsedate_to_datetime
from hashlib import sha256
from uuid import uuid4

import pytest
from sqlmodel import select

from api.clients.smtp import MailConnection, MailServerError
from api.services.outbox import send_due_messages as sending
from api.services.outbox.find_messages import (
    MessageStateError,
    UnknownMessageError,
    page_messages,
    resend_message,
)
from api.services.outbox.queue_message import (
    MessageKeyReusedError,
    MessageKind,
    UnfitMessageError,
)
from models.session import read_session, write_session
from models.tables import AttemptOutcome, MessageState, OutboxAttempt
from models.values.email_address import UnfitEmailError
from tests.support.databases import RECORDED_AT, on_sqlite
from tests.support.mail_servers import SENDER, reach

# How e-mails are claimed on PostgreSQL is shown where several workers claim them.
pytestmark = on_sqlite

ACCEPTED, DEFERRED, REFUSED, UNCERTAIN = AttemptOutcome
WAITING, SENDING, SENT, FAILED, DOUBTED = MessageState


def test_an_e_mail_is_sent_once(outbox, mailbox):
    queued = outbox.queue()
    assert outbox.queue(text="Another text by now.\n").id == queued.id
    outbox.pass_time(minutes=1)
    assert outbox.send(reach(mailbox)) == {ACCEPTED: 1}
    assert outbox.send(reach(mailbox)) == {}
    (mail,) = mailbox.read()
    assert (mail["From"], mail["To"], mail["Subject"]) == (
        SENDER,
        "ana@vila.example",
        "Rebut pendent",
    )
    assert (mail["Message-ID"], mail["Content-Language"]) == (queued.message_id, "ca")
    assert parsedate_to_datetime(mail["Date"]) == RECORDED_AT
    assert mail.get_content().replace("\r\n", "\n") == queued.body
    (sent,) = outbox.messages
    assert (sent.state, sent.sent_at, sent.attempts) == (SENT, outbox.now, 1)
    assert outbox.attempts == [(1, ACCEPTED, 250, "OK")]
    with read_session(outbox.engine) as session:
        attempt = session.exec(select(OutboxAttempt)).one()
    assert attempt.content_sha256 == sha256(mailbox.taken[0]).hexdigest()


def test_the_sender_bears_its_name(outbox, mailbox):
    outbox.queue()
    outbox.send(reach(mailbox, sender_name="Comunitat Energètica, SCCL"))
    (mail,) = mailbox.read()
    (sender,) = mail["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Comunitat Energètica, SCCL", SENDER)


def test_e_mails_follow_each_other_over_one_connection(outbox, mailbox):
    for number in range(3):
        outbox.queue(str(number))
    mailbox.replies["RCPT"] = ["250 OK", "550 no such user"]
    assert outbox.send(reach(mailbox)) == {ACCEPTED: 2, REFUSED: 1}
    assert mailbox.n_connections == 1
    assert sorted(outbox.states) == sorted([SENT, SENT, FAILED])


def test_a_server_that_closes_after_an_e_mail_is_called_again(outbox, mailbox):
    for number in range(3):
        outbox.queue(str(number))
    mailbox.replies["DATA"] = ["250 OK", "421 enough for now"]
    assert outbox.send(reach(mailbox)) == {ACCEPTED: 2, DEFERRED: 1}
    assert mailbox.n_connections == 2


def test_what_is_refused_for_a_while_is_tried_later_and_later(outbox, mailbox):
    outbox.queue()
    mailbox.replies["RCPT"] = ["450 4.2.1 greylisted"] * 3
    for minutes in (1, 1, 2):
        assert outbox.send(reach(mailbox)) == {DEFERRED: 1}
        outbox.pass_time(minutes=minutes, seconds=-1)
        assert outbox.send(reach(mailbox)) == {}
        outbox.pass_time(seconds=1)
    assert outbox.send(reach(mailbox)) == {ACCEPTED: 1}
    assert [attempt[:3] for attempt in outbox.attempts] == [
        (1, DEFERRED, 450),
        (2, DEFERRED, 450),
        (3, DEFERRED, 450),
        (4, ACCEPTED, 250),
    ]


def test_it_is_given_up_after_five_days(outbox, mailbox):
    outbox.queue()
    mailbox.replies["DATA"] = ["451 4.3.0 <ana@vila.example> is busy"] * 2
    outbox.pass_time(days=5, seconds=-1)
    assert outbox.send(reach(mailbox)) == {DEFERRED: 1}
    outbox.pass_time(hours=4)
    assert outbox.send(reach(mailbox)) == {REFUSED: 1}
    (message,) = outbox.messages
    assert message.failed_because == "451 4.3.0 (address) is busy"
    assert outbox.news == [("message_failed", message.id)]


def test_a_server_that_takes_nothing_ends_the_pass(outbox, mailbox):
    for number in range(3):
        outbox.queue(str(number))
    mailbox.replies["MAIL"] = ["535 5.7.8 log in"] * 3
    with pytest.raises(MailServerError, match="535"):
        outbox.send(reach(mailbox))
    assert mailbox.replies["MAIL"] == ["535 5.7.8 log in"] * 2
    assert outbox.states == [WAITING] * 3
    assert len(outbox.attempts) == 1
    # Nobody asks again for a minute, not even for the others.
    assert outbox.send(reach(mailbox)) == {}
    outbox.pass_time(minutes=1)
    mailbox.replies.clear()
    assert outbox.send(reach(mailbox)) == {ACCEPTED: 3}


def test_a_silent_end_is_uncertain_until_a_person_says_so(outbox, mailbox):
    message = outbox.queue()
    mailbox.replies["DATA"] = ["hang up"]
    assert outbox.send(reach(mailbox)) == {UNCERTAIN: 1}
    assert outbox.states == [DOUBTED]
    assert outbox.news == [("message_uncertain", message.id)]
    outbox.pass_time(days=1)
    assert outbox.send(reach(mailbox)) == {}
    resend(outbox, message.id)
    assert outbox.send(reach(mailbox)) == {ACCEPTED: 1}
    first, second = mailbox.taken
    assert first == second


def test_a_server_that_says_nothing_makes_one_uncertain_and_not_all(outbox, mailbox):
    for number in range(3):
        outbox.queue(str(number))
    mailbox.replies["DATA"] = ["hang up"] * 3
    assert outbox.send(reach(mailbox)) == {UNCERTAIN: 1}
    assert sorted(outbox.states) == sorted([DOUBTED, WAITING, WAITING])
    assert outbox.send(reach(mailbox)) == {}
    outbox.pass_time(minutes=1)
    mailbox.replies.clear()
    assert outbox.send(reach(mailbox)) == {ACCEPTED: 2}


def resend(outbox, message_id, **more):
    with write_session(outbox.engine) as session:
        values = {"promoter_id": outbox.owner} | more
        return resend_message(session, message_id=message_id, now=outbox.now, **values)


def test_a_wrong_address_is_corrected(outbox, mailbox):
    message = outbox.queue(recipient="anna@vila.example")
    mailbox.replies["RCPT"] = ["550 5.1.1 who?"]
    assert outbox.send(reach(mailbox)) == {REFUSED: 1}
    assert outbox.messages[0].failed_because == "550 5.1.1 who?"
    with pytest.raises(UnfitEmailError):
        resend(outbox, message.id, recipient="ana")
    resend(outbox, message.id, recipient="ana@vila.example")
    assert outbox.send(reach(mailbox)) == {ACCEPTED: 1}
    assert mailbox.read()[0]["To"] == "ana@vila.example"


def test_what_goes_or_has_gone_is_not_sent_again(outbox, mailbox, other_promoter):
    message = outbox.queue()
    for state in (WAITING, SENT):
        with pytest.raises(MessageStateError, match=f"the e-mail is {state}"):
            resend(outbox, message.id)
        outbox.send(reach(mailbox))
    for other in ({"promoter_id": other_promoter.id}, {}):
        with pytest.raises(UnknownMessageError):
            resend(outbox, message.id if other else uuid4(), **other)


@pytest.fixture
def crashing(outbox, mailbox, monkeypatch):
    """Let the worker die before or after the server has the e-mail."""

    class Crash(BaseException):
        pass

    def crash(step):
        done = getattr(MailConnection, step)

        def die(self, *arguments):
            done(self, *arguments)
            raise Crash

        with monkeypatch.context() as patch:
            patch.setattr(MailConnection, step, die)
            with pytest.raises(Crash):
                outbox.send(reach(mailbox))

    return crash


def test_a_worker_lost_before_the_text_leaves_costs_nothing(outbox, mailbox, crashing):
    outbox.queue()
    crashing("offer")
    assert outbox.states == [WAITING]
    outbox.pass_time(minutes=14)
    assert outbox.send(reach(mailbox)) == {}
    outbox.pass_time(minutes=1)
    assert outbox.send(reach(mailbox)) == {ACCEPTED: 1}
    assert len(mailbox.taken) == 1


def test_a_worker_lost_after_it_leaves_an_uncertain_e_mail(outbox, mailbox, crashing):
    outbox.queue()
    crashing("deliver")
    assert outbox.states == [SENDING]
    outbox.pass_time(minutes=15, seconds=1)
    assert outbox.send(reach(mailbox)) == {UNCERTAIN: 1}
    assert outbox.states == [DOUBTED]
    assert len(mailbox.taken) == 1
    assert outbox.attempts == [
        (1, UNCERTAIN, None, "the worker stopped before the mail server had answered")
    ]


@pytest.mark.parametrize(
    ("reply", "state", "outcomes"),
    [
        ("250 OK", SENT, {UNCERTAIN, ACCEPTED}),
        ("451 not now", WAITING, {UNCERTAIN, DEFERRED}),
        ("554 never", FAILED, {UNCERTAIN, REFUSED}),
        ("hang up", DOUBTED, {UNCERTAIN}),
    ],
)
def test_a_late_answer_makes_an_end_of_doubt(outbox, mailbox, reply, state, outcomes):
    outbox.queue()
    mailbox.replies["DATA"] = [reply]
    told = MailConnection.deliver

    def slow(self, content):
        outbox.pass_time(minutes=16)
        # Another worker looks around in the meantime.
        assert outbox.send(reach(mailbox)) == {UNCERTAIN: 1}
        return told(self, content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MailConnection, "deliver", slow)
        outbox.send(reach(mailbox))
    assert outbox.states == [state]
    assert {attempt[1] for attempt in outbox.attempts} == outcomes


def test_a_worker_that_slept_through_its_lease_sends_nothing(outbox, mailbox):
    outbox.queue()
    asked = MailConnection.offer

    def slow(self, *arguments):
        asked(self, *arguments)
        if outbox.now == RECORDED_AT:
            outbox.pass_time(minutes=16)
            assert outbox.send(reach(mailbox)) == {ACCEPTED: 1}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MailConnection, "offer", slow)
        assert outbox.send(reach(mailbox)) == {}
    assert len(mailbox.taken) == 1


def test_a_pass_ends(outbox, mailbox, monkeypatch):
    monkeypatch.setattr(sending, "MOST_AT_ONCE", 2)
    for number in range(3):
        outbox.queue(str(number))
    assert outbox.send(reach(mailbox)) == {ACCEPTED: 2}
    assert outbox.send(reach(mailbox)) == {ACCEPTED: 1}


def test_what_an_e_mail_says_cannot_be_taken_for_what_carries_it(outbox, mailbox):
    text = ".\nQUIT\n..\nSubject: other\n" + "ñ" * 2_000 + "\n"
    subject = "=?utf-8?q?x=0D=0ABcc=3A_all=40vila=2Eexample?= " + "ç" * 100
    recipient = "a" * 64 + "@" + "b" * 60 + ".example"
    outbox.queue(text=text, subject=subject, recipient=recipient)
    assert outbox.send(reach(mailbox)) == {ACCEPTED: 1}
    (mail,) = mailbox.read()
    assert mail.get_content().replace("\r\n", "\n") == text
    assert mail["To"] == recipient
    assert "Bcc" not in mail
    assert mail["Subject"] == subject.replace("=?", "= ?")
    assert mailbox.taken[0].isascii()
    assert max(map(len, mailbox.taken[0].split(b"\r\n"))) <= 998


def test_a_key_stands_for_one_e_mail(outbox):
    outbox.queue()
    with pytest.raises(MessageKeyReusedError):
        outbox.queue(kind=MessageKind.DEBIT_NOTICE)
    with pytest.raises(UnfitMessageError):
        outbox.queue("k\n")


def test_e_mails_are_listed_newest_first(outbox, mailbox):
    for number in range(3):
        outbox.queue(str(number))
        outbox.pass_time(seconds=1)
    mailbox.replies["RCPT"] = ["550 no"]
    outbox.send(reach(mailbox))
    with read_session(outbox.engine) as session:
        owner = {"promoter_id": outbox.owner}
        page = page_messages(session, **owner, first=2)
        rest = page_messages(session, **owner, first=2, after=page.keys[-1])
        failed = page_messages(session, **owner, states=[FAILED], first=9)
    assert [message.idempotency_key for message in (*page.items, *rest.items)] == ["2", "1", "0"]
    assert [message.idempotency_key for message in failed.items] == ["0"]
