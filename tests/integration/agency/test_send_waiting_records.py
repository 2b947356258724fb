"""Records go to the agency once, in order, in time, whatever the network does to the answers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from api.services.agency import send_waiting_records as sending
from api.services.agency.agency_access import CertificateSource
from api.services.agency.waiting_message import LEASE, UnknownIssuerNumberError
from loaders.certificate_files import UnfitCertificateError
from models.tables import AgencyAnswer, FiscalRecord, Notification
from tests.support.certificates import certify, make_key, pack
from tests.support.databases import on_sqlite
from tests.support.tax_agency import Failure

pytestmark = on_sqlite
MINUTE = timedelta(minutes=1)
THREE = ["2023-000001", "2023-000002", "2023-000003"]
ACCEPTED = {1: "accepted", 2: "accepted", 3: "accepted"}


def test_records_go_in_the_order_of_their_chain(sender, agency):
    (report,) = sender.send()
    assert (report.outcome.value, report.record_count) == ("answered", 3)
    assert report.counts == {"accepted": 3}
    assert agency.numbers() == [THREE]
    assert agency.has_incident() == [False]
    assert sender.answers() == ACCEPTED
    (stored,) = sender.submissions()
    assert (stored.first_position, stored.last_position, stored.attempts) == (1, 3, 1)
    assert (stored.receipt, stored.wait_seconds) == ("A-1B2C3D4E5F6G7H", 60)
    assert b"RespuestaRegFactuSistemaFacturacion" in stored.answer
    assert sender.outcomes() == ["nothing_waits"]


def test_the_time_that_the_agency_asks_for_is_kept(sender, agency):
    agency.wait_seconds = 90
    sender.send()
    sender.issue(9)
    (report,) = sender.send(timedelta(seconds=89))
    assert report.outcome.value == "not_yet"
    assert report.due_at == sender.at + timedelta(seconds=1)
    assert sender.outcomes(timedelta(seconds=1)) == ["answered"]
    assert agency.numbers()[1] == ["2023-000004", "2023-000005", "2023-000006"]
    assert set(sender.answers().values()) == {"accepted"}


def test_a_full_message_does_not_wait(sender, agency, monkeypatch):
    for module in ("send_waiting_records", "waiting_message"):
        monkeypatch.setattr(f"api.services.agency.{module}.MOST_RECORDS", 2)
    sender.issue(9)
    assert sender.outcomes() == ["answered"] * 3 + ["nothing_waits"]
    assert [len(each) for each in agency.numbers()] == [2, 2, 2]
    sender.issue(8)
    assert sender.outcomes() == ["answered", "not_yet"]


def test_late_records_tell_of_an_incident(sender, agency):
    assert sender.outcomes(timedelta(seconds=241)) == ["answered"]
    assert agency.has_incident() == [True]


def test_what_the_agency_refuses_does_not_go_again(sender, agency):
    agency.refused = {"2023-000002"}
    (report,) = sender.send()
    assert report.counts == {"accepted": 1, "accepted_with_errors": 1, "refused": 1}
    assert sender.answers() == {1: "accepted", 2: "refused", 3: "accepted_with_errors"}
    refusals = [each for each in sender.billed.rows(AgencyAnswer) if each.status == "refused"]
    assert [(each.error_code, each.error_text) for each in refusals] == [(1100, "Error 1100 <ñ>")]
    told = sender.billed.rows(Notification, Notification.position)
    invoices = {each.position: each.invoice_id for each in sender.billed.rows(FiscalRecord)}
    assert [(each.kind.value, each.subject_id) for each in told] == [
        ("record_refused", invoices[2]),
        ("record_faulty", invoices[3]),
    ]
    assert sender.outcomes(MINUTE) == ["nothing_waits"]


def test_a_cancellation_goes_after_its_registration(sender, agency):
    sender.cancel_first()
    assert sender.outcomes() == ["answered"]
    assert agency.numbers() == [[*THREE, THREE[0]]]
    assert sender.answers() == ACCEPTED | {4: "accepted"}


@pytest.mark.parametrize(
    ("failure", "state", "reason"),
    [
        (Failure.SLOW, "uncertain", "does not answer in time"),
        (Failure.STATUS_503, "uncertain", "fails with HTTP status 503"),
        (Failure.STATUS_403, "refused", "refuses with HTTP status 403"),
        (Failure.CUT, "uncertain", "the connection broke"),
        (Failure.GARBAGE, "uncertain", "cannot be read"),
        (Failure.HUGE, "uncertain", "larger than 200000 bytes"),
        (Failure.REDIRECT, "uncertain", "redirects to another address"),
        (Failure.CLIENT_FAULT, "refused", "El NIF no está autorizado"),
        (Failure.SERVER_FAULT, "uncertain", "Vuelva a intentarlo"),
        (Failure.FOREIGN, "uncertain", "speaks of OTHER-1"),
        (Failure.SILENT, "uncertain", "speaks of no record"),
    ],
)
def test_after_a_failure_the_same_records_go_again(sender, agency, failure, state, reason):
    agency.failures = [failure]
    (report,) = sender.send()
    assert report.outcome.value == "failed"
    assert reason in report.note
    (stored,) = sender.submissions()
    assert (stored.state, stored.attempts) == (state, 1)
    assert reason in stored.reason
    assert sender.answers() == {}
    assert sender.outcomes(timedelta(seconds=59)) == ["not_yet"]
    assert sender.outcomes(timedelta(seconds=1)) == ["answered"]
    assert sender.answers() == ACCEPTED
    (stored,) = sender.submissions()
    assert (stored.state, stored.attempts, stored.reason) == ("answered", 2, None)
    (told,) = sender.billed.rows(Notification)
    assert (told.kind.value, told.subject_id) == ("submission_failed", stored.id)


def test_a_lost_answer_brings_duplicates_that_are_accepted(sender, agency):
    agency.failures = [Failure.CUT]
    sender.send()
    sender.issue(9)
    assert sender.outcomes(MINUTE) == ["answered"]
    assert agency.numbers() == [THREE, THREE], "the same, and no newer ones"
    assert sender.answers() == ACCEPTED
    answers = sender.billed.rows(AgencyAnswer)
    assert [(each.is_duplicate, each.error_code) for each in answers] == [(True, 3000)] * 3
    assert sender.outcomes(MINUTE) == ["answered"]
    assert set(sender.answers().values()) == {"accepted"}
    assert len(sender.answers()) == 6


def test_errors_of_a_duplicate_are_not_forgotten(sender, agency):
    agency.refused, agency.failures = {"2023-000001"}, [Failure.CUT]
    sender.send()
    agency.refused.clear()
    sender.send(MINUTE)
    assert sender.answers()[2] == "accepted_with_errors"


def test_a_duplicate_that_was_never_sent_is_refused(sender, agency):
    agency.kept["2023-000001", "Alta"] = "Correcto"
    sender.send()
    assert sender.answers()[1] == "refused"


def test_waiting_doubles_up_to_an_hour(sender, agency):
    agency.failures = [Failure.GARBAGE] * 9
    for minutes in (0, 1, 2, 4, 8, 16, 32, 60, 60):
        sender.send(timedelta(minutes=minutes) - timedelta(seconds=minutes and 1))
        due = sender.send(timedelta(seconds=minutes and 1))
        assert due[0].outcome.value == ("not_yet" if minutes == 0 else "failed")
    first, late = sender.submissions()
    assert (first.has_incident, late.has_incident) == (False, True)
    assert (first.state, late.state) == ("uncertain", "uncertain")
    assert first.attempts + 1 <= late.attempts == 9
    assert sender.outcomes(timedelta(minutes=60)) == ["answered"]
    assert sender.states() == ["uncertain", "answered"]


def test_records_of_which_the_answer_is_silent_go_again(sender, agency):
    agency.failures = [Failure.FORGETFUL]
    sender.send()
    assert sender.answers() == {1: "accepted", 2: "accepted"}
    assert sender.outcomes(MINUTE) == ["answered"]
    assert agency.numbers() == [THREE, THREE[2:]]
    assert sender.answers() == ACCEPTED


def test_whoever_is_killed_leaves_what_goes_again(sender, agency, monkeypatch):
    class KilledError(BaseException):
        pass

    submit = sending.submit_to_agency

    def submit_and_die(*args: object, **more: object) -> bytes:
        submit(*args, **more)
        raise KilledError

    monkeypatch.setattr(sending, "submit_to_agency", submit_and_die)
    with pytest.raises(KilledError):
        sender.send()
    monkeypatch.setattr(sending, "submit_to_agency", submit)
    assert sender.states() == ["sending"]
    assert sender.outcomes(LEASE - timedelta(seconds=1)) == ["being_sent"]
    assert sender.outcomes(timedelta(seconds=1)) == ["answered"]
    assert agency.numbers() == [THREE, THREE]
    assert agency.has_incident() == [False, True]
    assert sender.states() == ["uncertain", "answered"]
    assert sender.answers() == ACCEPTED


def test_nobody_sends_what_somebody_else_sends(sender, agency, monkeypatch):
    def send_meanwhile(*args: object, **more: object) -> bytes:
        monkeypatch.setattr(sending, "submit_to_agency", submit)
        (report,) = sender.send()
        assert report.outcome.value == "being_sent"
        assert report.due_at == sender.at + LEASE
        return submit(*args, **more)

    submit = sending.submit_to_agency
    monkeypatch.setattr(sending, "submit_to_agency", send_meanwhile)
    assert sender.outcomes() == ["answered"]
    assert agency.numbers() == [THREE]


def test_after_its_lease_a_message_goes_again_and_the_late_answer_counts_for_nothing(
    sender, agency, monkeypatch
):
    def send_meanwhile(*args: object, **more: object) -> bytes:
        content = submit(*args, **more)
        monkeypatch.setattr(sending, "submit_to_agency", submit)
        assert sender.outcomes(LEASE) == ["answered"]
        return content

    submit = sending.submit_to_agency
    monkeypatch.setattr(sending, "submit_to_agency", send_meanwhile)
    sender.send()
    assert agency.numbers() == [THREE, THREE]
    assert sender.answers() == ACCEPTED
    assert len(sender.billed.rows(AgencyAnswer)) == 3


def test_a_late_failure_counts_for_nothing(sender, agency, monkeypatch):
    def fail_late(*_: object, **more: object) -> bytes:
        monkeypatch.setattr(sending, "submit_to_agency", submit)
        assert sender.outcomes(LEASE) == ["answered"]
        return b"garbage"

    submit = sending.submit_to_agency
    monkeypatch.setattr(sending, "submit_to_agency", fail_late)
    assert sender.outcomes() == ["failed"]
    assert sender.states() == ["uncertain", "answered"]
    assert sender.answers() == ACCEPTED


def test_nothing_is_sent_without_the_switch_or_a_certificate(sender, agency):
    off = replace(sender.access, sends=False)
    (report,) = sender.send(access=off)
    assert (report.outcome.value, report.record_count) == ("stored", 3)
    assert "REPARTO_TAX_AGENCY_SENDS" in report.note
    assert sender.outcomes(access=off) == ["nothing_waits"]
    sender.issue(9)
    (report,) = sender.send(access=replace(sender.access, certificate=None))
    assert "REPARTO_TAX_AGENCY_CERTIFICATE" in report.note
    assert agency.messages == []
    assert sender.states() == ["stored", "stored"]
    places = [(each.first_position, each.last_position) for each in sender.submissions()]
    assert places == [(1, 3), (4, 6)]
    assert sender.outcomes() == ["answered"]
    (sent,) = agency.numbers()
    assert len(sent) == 6
    assert agency.messages[0].tag in sender.submissions()[0].content.decode().replace(
        "sfLR:", f"{{{agency.messages[0].nsmap['sfLR']}}}"
    )


def test_a_stranger_issues_nothing(sender, other_promoter):
    with pytest.raises(UnknownIssuerNumberError, match="F12345674"):
        sender.send(promoter_id=other_promoter.id)


def test_an_unfit_certificate_leaves_everything_waiting(sender, agency, tmp_path):
    path = tmp_path / "old.p12"
    old = certify(make_key(), valid_until=sender.at - timedelta(days=1))
    path.write_bytes(pack(make_key(), old))
    expired = replace(sender.access, certificate=CertificateSource(path))
    with pytest.raises(UnfitCertificateError, match="valid from 2020-01-01 to 2023-12-04"):
        sender.send(access=expired)
    assert sender.submissions() == []


def test_a_certificate_of_nobody_is_told(sender, agency, tmp_path):
    path = tmp_path / "other.p12"
    other = certify(make_key(), name="Somebody else")
    path.write_bytes(pack(make_key(), other))
    (report,) = sender.send(access=replace(sender.access, certificate=CertificateSource(path)))
    assert "cannot be reached" in report.note
    assert agency.messages == []
    assert sender.states() == ["uncertain"]


def test_an_address_that_shows_secrets_is_not_used(sender, agency):
    open_address = agency.url.replace("https", "http")
    (report,) = sender.send(access=replace(sender.access, url=open_address))
    assert "does not begin with https://" in report.note
    assert sender.states() == ["refused"]
