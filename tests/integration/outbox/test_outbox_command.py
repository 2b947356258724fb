"""``reparto outbox``, the settings behind it, and the worker that does the same by itself."""

import json
from datetime import timedelta

import pytest
from sqlmodel import col, select

from api.clients.smtp import MailSecurity, UnsafeMailServerError
from api.clock import now
from api.jobs.registry import build_registry
from api.jobs.work import Worker
from api.jobs.worker import drain_queue
from api.mail_settings import find_mail_route
from api.services.jobs.request_job import JobKind
from api.services.outbox.run_sending import ask_for_sending
from api.settings import InvalidSettingError, Settings, read_settings
from models.session import read_session
from models.tables import Invoice, JobRun, JobState, MessageState
from tests.support.databases import on_sqlite
from tests.support.mail_servers import LOGIN, SENDER
from tests.support.outbox import Outbox

pytestmark = on_sqlite


@pytest.fixture
def variables(mailbox, database_url, tmp_path):
    return {
        "REPARTO_DATABASE_URL": database_url,
        "REPARTO_DATA_DIR": str(tmp_path),
        "REPARTO_SMTP_HOST": "127.0.0.1",
        "REPARTO_SMTP_PORT": str(mailbox.port),
        "REPARTO_SMTP_SECURITY": "none",
        "REPARTO_SMTP_FROM": SENDER,
    }


@pytest.fixture
def settings(variables, monkeypatch) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return read_settings()


@pytest.fixture
def run(reparto, settings):
    promoter = ("--promoter", "Ajuntament de la Peña")
    return lambda *arguments: reparto("outbox", *arguments, *promoter)


def test_e_mails_are_listed_sent_and_sent_again(outbox, mailbox, run):
    assert run("list").out == "no e-mails\n"
    outbox.queue()
    mailbox.replies["RCPT"] = ["550 no such user"]
    assert run("send").out == "sent: 0\ntried again later: 0\nfailed: 1\nuncertain: 0\n"
    (listed,) = json.loads(run("list", "--troubled", "--json").out)
    assert (listed["state"], listed["failed_because"]) == ("failed", "550 no such user")
    assert listed["recipient"] == "ana@vila.example"
    shown = run("list").out
    assert "Rebut pendent" in shown
    assert "550 no such user" in shown
    assert run("resend", listed["id"], "--to", "eva@vila.example").out == "it waits to be sent\n"
    assert run("send").out.startswith("sent: 1\n")
    assert mailbox.read()[0]["To"] == "eva@vila.example"
    again = run("resend", listed["id"])
    assert (again.code, "the e-mail is sent" in again.err) == (2, True)
    assert json.loads(run("list", "--troubled", "--json").out) == []


def test_invoices_are_queued(billed, run):
    billed.pay(0, email="payer0@vila.example")
    issued = billed.issue()
    said = run("mail", "--run", issued.id).out.splitlines()
    assert said[0] == "e-mails queued: 1"
    assert len(said) == 3
    assert all("is not mailed: its payer has no e-mail address" in line for line in said[1:])
    (first, *_) = billed.rows(Invoice, col(Invoice.number))
    assert run("mail", first.full_number).code == 0
    assert run("mail").code == run("mail", "x", "--run", issued.id).code == 2


def test_without_a_server_nothing_is_sent(outbox, settings, monkeypatch, run):
    monkeypatch.delenv("REPARTO_SMTP_HOST")
    ran = run("send")
    assert (ran.code, "set REPARTO_SMTP_HOST" in ran.err) == (2, True)
    outbox.queue()
    Worker(read_settings(), outbox.engine, build_registry(read_settings())).look_around()
    assert jobs_of(outbox) == []


def jobs_of(outbox) -> list[JobRun]:
    with read_session(outbox.engine) as session:
        rows = select(JobRun).where(JobRun.kind == JobKind.SEND_MESSAGES.value)
        return list(session.exec(rows.order_by(col(JobRun.created_at))))


def test_the_worker_sends_what_is_due(outbox, other_promoter, mailbox, settings):
    outbox.queue()
    Outbox(outbox.engine, other_promoter.id).queue()
    worker = Worker(settings, outbox.engine, build_registry(settings))
    worker.look_around()
    assert ask_for_sending(engine=outbox.engine, now=now()) == len(jobs_of(outbox)) == 2
    drain_queue(settings)
    assert {job.state for job in jobs_of(outbox)} == {JobState.SUCCEEDED}
    assert jobs_of(outbox)[0].report == {
        "accepted": 1,
        "deferred": 0,
        "refused": 0,
        "uncertain": 0,
    }
    assert outbox.states == [MessageState.SENT] * 2
    assert ask_for_sending(engine=outbox.engine, now=now()) == 0


def test_a_login_that_is_refused_fails_the_job_and_no_e_mail(outbox, mailbox, settings):
    outbox.queue()
    mailbox.replies["MAIL"] = ["535 log in"]
    assert ask_for_sending(engine=outbox.engine, now=now()) == 1
    drain_queue(settings)
    (job,) = jobs_of(outbox)
    assert (job.state, job.error_code) == (JobState.FAILED, "unavailable")
    assert "535 log in" in job.error_message
    assert outbox.states == [MessageState.WAITING]
    # Queued long ago, it has waited long enough for the longest pause.
    assert ask_for_sending(engine=outbox.engine, now=now() + timedelta(hours=3)) == 0
    assert ask_for_sending(engine=outbox.engine, now=now() + timedelta(hours=5)) == 1
    assert len(jobs_of(outbox)) == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"REPARTO_SMTP_FROM": "Vall <a@b.example>"}, "REPARTO_SMTP_FROM: .* is not an e-mail"),
        ({"REPARTO_SMTP_SECURITY": "ssl"}, "REPARTO_SMTP_SECURITY"),
        ({"REPARTO_SMTP_PORT": "0"}, "REPARTO_SMTP_PORT"),
    ],
)
def test_wrong_settings_are_named(settings, monkeypatch, changed, said):
    for name, value in changed.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettingError, match=said):
        read_settings()


def test_settings_lead_to_the_server(settings):
    sound = {"smtp_host": "mail.vall.example", "smtp_from": SENDER, "smtp_port": None}
    sound |= {"smtp_from_name": "La Vall"}
    ports = {MailSecurity.STARTTLS: 587, MailSecurity.TLS: 465}
    for security, port in ports.items():
        wished = settings.model_copy(
            update=sound | {"smtp_security": security, "smtp_username": LOGIN[0]}
        )
        route = find_mail_route(wished)
        assert route is not None
        assert (route.server.port, route.server.username) == (port, LOGIN[0])
        assert (route.server.sender, route.server.sender_name) == (SENDER, "La Vall")
    assert find_mail_route(settings.model_copy(update={"smtp_from": None})) is None
    with pytest.raises(UnsafeMailServerError):
        find_mail_route(settings.model_copy(update=sound))
