"""Who can be erased, when, and what still works afterwards."""

from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from api.services.agreements.generate_agreement_files import generate_distributor_file
from api.services.collection.find_debit_run import download_sepa_file
from api.services.collection.sealed_files import ErasedFileError
from api.services.energy.energy_question import Measure
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.energy.read_month_series import (
    GapReason,
    MonthSeries,
    SeriesQuestion,
    read_month_series,
)
from api.services.energy.read_shared_months import SharedMonth, Withheld, map_shared_months
from api.services.invoices.generate_invoice_files import QrTarget, generate_invoice_pdf
from api.services.invoices.verify_invoices import verify_invoices
from api.services.people.erase_person import UnconfirmedErasureError, UnknownErasureError
from api.services.people.erasure_hindrances import (
    MoneyOpenError,
    StillSharingError,
    WorkUnderwayError,
)
from api.services.people.find_person import UnknownPersonError, name_erased_member
from api.services.people.preview_erasure import preview_erasure
from models.personal_data import Fate
from models.session import (
    DatabaseBusyError,
    create_database_engine,
    read_session,
    write_session,
)
from models.tables import (
    CoefficientProposal,
    DebitRun,
    DistributionAgreement,
    FileImport,
    HolderChange,
    Invoice,
    JobRun,
    JobState,
    Member,
    Payer,
    Reading,
)
from models.values.language import Language
from models.values.resolution import Resolution
from scripts.database.invariants import check_database
from tests.support.billing import OCTOBER
from tests.support.databases import acting_for_all, make_impatient, on_sqlite
from tests.support.keyrings import KEYRING
from tests.support.marked_people import ERASED_AT, MarkedCommunity, clear, erase, mark
from tests.support.stored_proposals import store_proposal
from tests.support.stored_records import add_community
from tests.support.whole_databases import everything_in

pytestmark = on_sqlite

RENAMED = """UPDATE invoice SET parties = json_set(parties, '$.recipient.name', 'x',
  '$.recipient.email', NULL)"""


def run(marked: MarkedCommunity, use_case, **arguments):
    with write_session(marked.billed.engine) as session:
        return use_case(session, promoter_id=marked.owner, **arguments)


def test_what_was_shared_is_a_gap_and_not_less(marked: MarkedCommunity):
    community_id = marked.billed.stored.community.id
    shared = {"community_ids": [community_id], "year": OCTOBER.start.year, "asking": ()}

    def read() -> tuple[SharedMonth, MonthSeries]:
        (month,) = run(marked, map_shared_months, fewest=1, **shared)[community_id]
        series = run(
            marked,
            read_month_series,
            kind=SubjectKind.COMMUNITY,
            ids=[community_id],
            question=SeriesQuestion(Measure.SURPLUS, OCTOBER.start.year, Resolution.MONTH),
        )[community_id]
        return month, series

    month, series = read()
    place = OCTOBER.start.month - 1
    surplus = month.together.energy.surplus_micro_wh
    assert (month.withheld, series.amounts.nano[place]) == (None, surplus)
    erase(marked)
    month, series = read()
    assert (month.together, month.withheld) == (None, Withheld.ERASED)
    assert not series.amounts.is_known[place]
    assert GapReason.NO_READINGS in {
        gap.reason for gap in series.gaps if gap.month == OCTOBER.start
    }


def test_what_was_issued_and_agreed_stands(marked: MarkedCommunity):
    engine = marked.billed.engine
    erase(marked)
    check_database(engine)
    (issuer,) = run(marked, verify_invoices)
    assert issuer.is_sound
    with read_session(engine) as session:
        (mine,) = session.exec(select(Invoice).where(Invoice.member_id == marked.member_id()))
        agreements = session.exec(select(DistributionAgreement.id)).all()
        (debits,) = session.exec(select(DebitRun.id)).all()
    assert mine.parties["recipient"]["name"] == mark(0).name
    assert mine.parties["recipient"]["email"] is None
    file = run(
        marked,
        generate_invoice_pdf,
        invoice_id=mine.id,
        qr=QrTarget(),
        keyring=KEYRING,
        language=Language.CATALAN,
        now=ERASED_AT,
    )
    assert file.content.startswith(b"%PDF")
    for key in agreements:
        text_file = run(marked, generate_distributor_file, agreement_id=key, now=ERASED_AT)
        assert mark(0).cups.encode() not in text_file.content
        assert mark(1).cups.encode() in text_file.content
    with pytest.raises(ErasedFileError):
        run(marked, download_sepa_file, debit_run_id=debits, keyring=KEYRING)


def test_who_bears_the_same_code_in_another_community_stays_named(marked: MarkedCommunity):
    code, cups = mark(0).code, mark(0).cups
    told = {"members": {code: 1}, "left": cups}
    engine = marked.billed.engine
    with write_session(engine) as session:
        other = add_community(session, marked.owner, number=9, n_members=3)
        proposal = store_proposal(session, other)
        proposal.result = {"members": {code: 1}}
        job = JobRun(
            promoter_id=marked.owner,
            community_id=other.community.id,
            kind="import_file",
            arguments={},
            state=JobState.SUCCEEDED,
            report=told,
            created_at=ERASED_AT,
            finished_at=ERASED_AT,
        )
        session.add(job)
    erase(marked)
    with read_session(engine) as session:
        kept = session.get_one(CoefficientProposal, proposal.id).result
        report = session.get_one(JobRun, job.id).report
    assert kept == {"members": {code: 1}}
    assert report is not None
    assert report["members"] == {code: 1}
    assert report["left"] != cups


def test_a_month_that_was_shared_with_somebody_erased_stays_as_it_is(marked: MarkedCommunity):
    erase(marked)
    before = everything_in(marked.billed.engine)["month_allocation"]
    marked.billed.allocate(date(2023, 10, 1))
    assert everything_in(marked.billed.engine)["month_allocation"] == before


def test_a_preview_tells_what_goes_and_what_stays_until_when(marked: MarkedCommunity):
    engine = marked.billed.engine
    before = everything_in(engine)
    preview = run(marked, preview_erasure, member_id=marked.member_id(), now=ERASED_AT)
    found = {each.name: (each.fate, each.count, each.until) for each in preview.tables}
    assert (preview.code, preview.hindrances, preview.file_count) == (mark(0).code, (), 2)
    assert found["reading"] == (Fate.DELETED, 12, None)
    assert found["invoice"] == (Fate.BLANKED, 1, date(2030, 1, 1))
    assert found["fiscal_record"] == (Fate.KEPT, 1, date(2030, 1, 1))
    assert found["distribution_coefficient"] == (Fate.KEPT, 1, None)
    assert everything_in(engine) == before


def test_who_shares_owes_or_is_at_work_stays(marked: MarkedCommunity):
    engine = marked.billed.engine
    job = JobRun(
        promoter_id=marked.owner,
        kind="import_file",
        arguments={},
        upload_id=marked.owner,
        state=JobState.QUEUED,
        created_at=ERASED_AT,
    )
    before = everything_in(engine)
    other = marked.member_id(1)
    try_other = partial(erase, marked, member_id=other, confirmation=mark(1).code)
    with pytest.raises(StillSharingError) as sharing:
        try_other()
    assert sharing.value.member_id == other
    assert everything_in(engine) == before
    preview = run(marked, preview_erasure, member_id=other, now=ERASED_AT)
    assert [type(each) for each in preview.hindrances] == [StillSharingError, MoneyOpenError]
    with write_session(engine) as session:
        session.add(job)
    with pytest.raises(WorkUnderwayError) as underway:
        erase(marked)
    assert underway.value.count == 1


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"confirmation": "persona-zqx-7732"}, UnconfirmedErasureError),
        ({"promoter_id": None}, UnknownPersonError),
    ],
)
def test_nobody_is_erased_by_mistake(marked: MarkedCommunity, changed, error):
    before = everything_in(marked.billed.engine)
    if "promoter_id" in changed:
        changed = {"member_id": marked.owner}
    with pytest.raises(error):
        erase(marked, **changed)
    assert everything_in(marked.billed.engine) == before


def test_what_was_stopped_goes_on_and_what_was_done_stays(marked: MarkedCommunity):
    begun = erase(marked, clears=False)
    assert begun.cleared_at is None
    assert len([path for path in marked.data_dir.rglob("*") if path.is_file()]) == 2
    again = erase(marked, clears=False, confirmation="anything")
    assert (again.id, again.cleared_at) == (begun.id, None)
    done = clear(marked, begun.id)
    assert (done.id, done.cleared_at) == (begun.id, ERASED_AT)
    before = everything_in(marked.billed.engine)
    assert clear(marked, begun.id).cleared_at == ERASED_AT
    assert erase(marked, confirmation=name_erased_member(marked.member_id())).id == begun.id
    assert everything_in(marked.billed.engine) == before
    with pytest.raises(UnknownErasureError):
        clear(marked, marked.owner)


def test_texts_of_others_stay_but_for_names(marked: MarkedCommunity):
    erase(marked)
    code = name_erased_member(marked.member_id())
    with read_session(marked.billed.engine) as session:
        member = session.get_one(Member, marked.member_id())
        (kept,) = session.exec(select(FileImport))
        payers = session.exec(select(Payer.name)).all()
    assert (member.code, member.kind) == (code, None)
    assert kept.file_name == "erased.csv"
    assert kept.options == {"columns": [code, mark(1).code]}
    told = list(kept.report["meters"].items())
    assert told[0][0].startswith("ES0000")
    assert told[0][1] == {"member": code}
    assert told[1:] == [(mark(place).cups, {"member": mark(place).code}) for place in (1, 2)]
    assert sorted(payers) == [mark(1).name, mark(2).name]


def test_what_was_the_persons_before_it_was_anothers_goes_too(marked: MarkedCommunity):
    engine, point = marked.billed.engine, marked.billed.stored.points[1]
    handed = HolderChange(
        promoter_id=marked.owner,
        supply_point_id=point.id,
        from_member_id=marked.member_id(0),
        to_member_id=marked.member_id(1),
        changed_on=date(2023, 6, 15),
        is_subrogated=False,
        recorded_at=ERASED_AT,
    )
    with write_session(engine) as session:
        session.add(handed)
    erase(marked)
    with read_session(engine) as session:
        rows = select(Reading.starts_at).where(Reading.supply_point_id == point.id)
        starts = sorted(session.exec(rows))
    assert [(each.month, each.day) for each in starts[:2]] == [(5, 31), (6, 30)]
    assert len(starts) == 7


def test_files_wait_until_nobody_reads(marked: MarkedCommunity):
    engine = marked.billed.engine
    begun = erase(marked, clears=False)
    with read_session(engine) as session:
        session.exec(select(Member.id)).all()
        impatient = replace(
            marked,
            billed=replace(
                marked.billed,
                engine=create_database_engine(make_impatient(engine.url.render_as_string())),
            ),
        )
        with pytest.raises(DatabaseBusyError):
            clear(impatient, begun.id)
        impatient.billed.engine.dispose()
    assert clear(marked, begun.id).cleared_at == ERASED_AT


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM reading",
        "DELETE FROM outbox_message",
        "UPDATE mandate_account SET holder = 'x'",
        "UPDATE payment SET payer_name = NULL",
        "UPDATE invoice SET parties = '{}'",
        "UPDATE erasure SET erased_at = NULL",
        "UPDATE erasure SET member_id = id",
        "DELETE FROM erasure",
    ],
)
def test_seals_are_closed_before_and_after(marked: MarkedCommunity, statement):
    erase(marked)
    with acting_for_all(marked.billed.engine) as connection, pytest.raises(IntegrityError):
        connection.execute(text(statement))


def test_an_open_erasure_opens_only_what_is_the_persons(marked: MarkedCommunity):
    engine, mine = marked.billed.engine, marked.member_id().hex
    open_one = text(
        "INSERT INTO erasure (id, promoter_id, member_id, begun_at, counts, files)"
        " VALUES (:member, :owner, :member, '2024-02-01 00:00:00.000000', '{}', '{}')"
    )
    with acting_for_all(engine) as connection:
        connection.execute(open_one, {"member": mine, "owner": marked.owner.hex})
        gone = connection.execute(
            text(
                "DELETE FROM reading WHERE supply_point_id IN"
                " (SELECT id FROM supply_point WHERE member_id = :member)"
            ),
            {"member": mine},
        )
        assert gone.rowcount == 12
        for refused in (
            "DELETE FROM reading",
            "DELETE FROM invoice",
            "UPDATE mandate_account SET recorded_on = '2020-01-01'",
            "UPDATE payment SET amount_cents = 1",
            "UPDATE invoice SET total_cents = total_cents + 1, net_cents = net_cents + 1",
            RENAMED,
        ):
            with pytest.raises(IntegrityError):
                connection.execute(text(refused))
        connection.rollback()
    with read_session(engine) as session:
        kept = session.exec(select(Reading.id).where(col(Reading.supply_point_id).is_not(None)))
        assert len(kept.all()) == 36
