"""Workers send by the clock and on somebody's wish; what the agency said is told."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import col

from api.jobs.registry import build_registry
from api.jobs.work import work_on
from api.services.agency.agency_access import CertificateSource
from api.services.agency.read_sending import (
    RecordState,
    UnknownSubmissionError,
    group_standings,
    list_chain_standings,
    require_submission,
)
from api.services.agency.request_sending import ask_for_record_sendings, request_sending
from api.services.agency.waiting_message import UnknownIssuerNumberError
from api.services.jobs.run_jobs import claim_job
from api.settings import Settings
from models.session import read_session, write_session
from models.tables import Invoice, JobRun, ScheduledSlot
from tests.support.agency_sending import PASSWORD
from tests.support.databases import on_sqlite
from tests.support.tax_agency import Failure

pytestmark = on_sqlite
MINUTE = timedelta(minutes=1)


@pytest.fixture
def settings(agency, credentials, database_url) -> Settings:
    return Settings(
        database_url=database_url,
        tax_agency_url=agency.url,
        tax_agency_certificate=credentials / "ours.p12",
        tax_agency_certificate_password=PASSWORD,
        tax_agency_sends=True,
    )


@pytest.fixture
def turn(sender, settings):
    """Give what a worker does in a turn: ask, then work on the job."""

    def take(wait: timedelta = timedelta(0)) -> int:
        sender.at += wait
        engine = sender.billed.engine
        count = ask_for_record_sendings(engine=engine, access=sender.access, now=sender.at)
        if count:
            job = claim_job(engine=engine, worker="w", lease=MINUTE, clock=lambda: sender.at)
            work_on(job, build_registry(settings))
        return count

    return take


def reports(sender) -> list[list[str]]:
    jobs = sender.billed.rows(JobRun, col(JobRun.created_at))
    return [[message["outcome"] for message in job.report["messages"]] for job in jobs]


def test_a_turn_sends_what_waits_once(sender, agency, turn):
    assert turn() == 1
    assert sender.answers() == {1: "accepted", 2: "accepted", 3: "accepted"}
    assert turn(timedelta(seconds=30)) == 0, "nothing waits"
    sender.issue(9)
    assert turn(timedelta(seconds=29)) == 0, "the minute has had its job"
    assert turn(timedelta(seconds=1)) == 1
    assert reports(sender) == [["answered"], ["answered"]]
    (first, _) = sender.billed.rows(JobRun, col(JobRun.created_at))
    assert first.result_id == sender.submissions()[0].id
    assert first.report["messages"][0]["counts"] == {"accepted": 3}
    assert len(sender.billed.rows(ScheduledSlot)) == 2


def test_turns_keep_away_from_an_agency_that_fails(sender, agency, turn):
    agency.failures = [Failure.STATUS_503] * 2
    assert [turn(), turn(MINUTE), turn(MINUTE), turn(MINUTE)] == [1, 1, 0, 1]
    assert reports(sender) == [["failed"], ["failed"], ["answered"]]


def test_turns_store_each_record_once_where_nothing_is_sent(sender, agency, turn, settings):
    sender.access = replace(sender.access, sends=False)
    settings.__dict__["tax_agency_sends"] = False
    assert [turn(), turn(MINUTE)] == [1, 0]
    assert reports(sender) == [["stored"]]
    sender.issue(9)
    assert turn(MINUTE) == 1
    assert sender.states() == ["stored", "stored"]


def test_a_certificate_that_cannot_be_read_fails_the_job(sender, turn, settings, credentials):
    path = credentials / "none.p12"
    settings.__dict__["tax_agency_certificate"] = path
    sender.access = replace(sender.access, certificate=CertificateSource(path))
    assert [turn(), turn(MINUTE), turn(MINUTE)] == [1, 0, 0]
    (job,) = sender.billed.rows(JobRun)
    assert job.error_code == "invalid_data"
    assert "none.p12 cannot be read" in job.error_message


def test_somebody_else_asks_for_nothing(sender, other_promoter):
    with (
        write_session(sender.billed.engine) as session,
        pytest.raises(UnknownIssuerNumberError),
    ):
        request_sending(
            session,
            promoter_id=other_promoter.id,
            tax_number="F12345674",
            idempotency_key=None,
            now=sender.at,
        )


def test_each_invoice_knows_what_became_of_its_records(sender, agency):
    agency.refused = {"2023-000002"}
    sender.send()
    sender.cancel_first()
    invoices = sender.billed.rows(Invoice, col(Invoice.number))
    with read_session(sender.billed.engine) as session:
        found = group_standings(
            session, promoter_id=sender.billed.owner, invoice_ids=[each.id for each in invoices]
        )
        strangers = group_standings(session, promoter_id=uuid4(), invoice_ids=[invoices[0].id])
        (chain,) = list_chain_standings(session, promoter_id=sender.billed.owner)
    first, second, third = (found[each.id] for each in invoices)
    assert [(each.kind.value, each.state) for each in first] == [
        ("registration", RecordState.ACCEPTED),
        ("cancellation", RecordState.WAITING),
    ]
    assert [(each.state, each.error_code, each.error_text) for each in second] == [
        (RecordState.REFUSED, 1100, "Error 1100 <ñ>")
    ]
    assert [each.state for each in third] == [RecordState.ACCEPTED_WITH_ERRORS]
    assert (third[0].receipt, third[0].answered_at) == ("A-1B2C3D4E5F6G7H", sender.at)
    assert strangers == {invoices[0].id: []}
    assert (chain.tax_number, chain.waiting_count) == ("F12345674", 1)
    assert chain.counts == {"accepted": 1, "accepted_with_errors": 1, "refused": 1}
    assert chain.last.receipt == "A-1B2C3D4E5F6G7H"


def test_messages_of_others_are_unknown(sender, agency, other_promoter):
    sender.send()
    (sent,) = sender.submissions()
    with read_session(sender.billed.engine) as session:
        found = require_submission(session, promoter_id=sender.billed.owner, submission_id=sent.id)
        assert found.content == sent.content
        with pytest.raises(UnknownSubmissionError):
            require_submission(session, promoter_id=other_promoter.id, submission_id=sent.id)
