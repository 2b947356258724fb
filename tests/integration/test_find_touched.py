"""What a correction touches: proposals of that year, months that were shared out."""

from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from api.services.file_imports.file_report import AllocatedMonth, SourceFile
from api.services.file_imports.import_prices import PriceOptions, import_prices
from loaders.price_files.records import PriceFile, PriceSeries, PriceSubject
from models.session import write_session
from models.tables import (
    AllocatedEnergy,
    Channel,
    CoefficientProposal,
    JobRun,
    MonthAllocation,
    ProposedCoefficient,
)
from models.values.calendar import Step
from tests.support.databases import RECORDED_AT
from tests.support.meter_series import IMPORTED_AT, import_file, make_file, make_series
from tests.support.stored_once import stored_once
from tests.support.stored_records import StoredCommunity, add_community

JANUARY, FEBRUARY = (datetime(2022, 12, 31, 23, tzinfo=UTC), datetime(2023, 1, 31, 23, tzinfo=UTC))


@stored_once
def stored(engine: Engine, promoter) -> StoredCommunity:
    with write_session(engine) as session:
        return add_community(session, promoter.id, n_members=3)


def _propose(session: Session, stored: StoredCommunity, year: int, n_members: int) -> UUID:
    owner = stored.community.promoter_id
    job = JobRun(
        promoter_id=owner,
        kind="propose_coefficients",
        deduplication_key=f"{year}-{n_members}",
        arguments={},
        created_at=RECORDED_AT,
    )
    session.add(job)
    session.flush()
    proposal = CoefficientProposal(
        promoter_id=owner,
        installation_id=stored.installation.id,
        job_run_id=job.id,
        year=year,
        request={},
        result={},
        created_at=RECORDED_AT,
    )
    session.add(proposal)
    session.flush()
    session.add_all(
        ProposedCoefficient(
            proposal_id=proposal.id,
            supply_point_id=point.id,
            promoter_id=owner,
            position=position,
            millionths=0,
        )
        for position, point in enumerate(stored.points[:n_members])
    )
    session.flush()
    return proposal.id


def _allocate(
    session: Session, stored: StoredCommunity, starts_at: datetime, n_members: int, version: int = 1
) -> None:
    owner = stored.community.promoter_id
    allocation = MonthAllocation(
        promoter_id=owner,
        installation_id=stored.installation.id,
        starts_at=starts_at,
        version=version,
        generation_wh=0,
        unallocated_micro_wh=0,
        inputs_sha256="0" * 64,
        recorded_at=RECORDED_AT,
    )
    session.add(allocation)
    session.flush()
    session.add_all(
        AllocatedEnergy(
            allocation_id=allocation.id,
            supply_point_id=point.id,
            promoter_id=owner,
            consumption_wh=0,
            allocated_micro_wh=0,
            self_consumed_micro_wh=0,
        )
        for point in stored.points[:n_members]
    )
    session.flush()


@stored_once
def results(engine: Engine, stored) -> dict[str, UUID]:
    """Store proposals of two years and of fewer members, and two shared-out months."""
    with write_session(engine) as session:
        _allocate(session, stored, JANUARY, 2)
        _allocate(session, stored, JANUARY, 2, version=2)
        _allocate(session, stored, FEBRUARY, 1)
        return {
            "2022": _propose(session, stored, 2022, 3),
            "2023": _propose(session, stored, 2023, 3),
            "2023 of one": _propose(session, stored, 2023, 1),
        }


@pytest.fixture
def touch(engine: Engine, promoter, stored, results):
    """Import a value and name what it touched."""

    def _touch(code: str, first: str, channel=Channel.CONSUMPTION, n_values: int = 1):
        series = make_series(code, first, [5] * n_values, channel=channel)
        report = import_file(engine, promoter, stored.community.id, make_file(series))
        names = {proposal_id: name for name, proposal_id in results.items()}
        months = [(each.cau, each.month) for each in report.touched.allocated_months]
        return {names[proposal_id] for proposal_id in report.touched.proposal_ids}, months

    return _touch


def test_consumption_touches_whoever_was_planned_and_shared_with_it(stored, touch):
    cau = stored.installation.cau
    assert touch(stored.points[0].cups, "2022-12-31T23", n_values=745) == (
        {"2023", "2023 of one"},
        [(cau, "2023-01"), (cau, "2023-02")],
    )


def test_a_supply_point_without_a_share_in_a_month_touches_it_not(stored, touch):
    assert touch(stored.points[1].cups, "2023-01-31T23") == ({"2023"}, [])


def test_another_year_touches_its_own_proposals(stored, touch):
    assert touch(stored.points[2].cups, "2022-12-31T22") == ({"2022"}, [])


def test_generation_touches_all_proposals_of_its_year(stored, touch):
    cau = stored.installation.cau
    assert touch(cau, "2023-01-31T23", Channel.GENERATION) == (
        {"2023", "2023 of one"},
        [(cau, "2023-02")],
    )


def test_what_a_distributor_derived_touches_nothing(stored, touch):
    assert touch(stored.points[0].cups, "2022-12-31T23", Channel.SURPLUS) == (set(), [])


def test_values_that_change_nothing_touch_nothing(engine, promoter, stored, touch):
    cups = stored.points[0].cups
    assert touch(cups, "2022-12-31T23")[0]
    file = make_file(make_series(cups, "2022-12-31T23", [5]))
    report = import_file(engine, promoter, stored.community.id, file, sha256="1" * 64)
    assert (report.touched.proposal_ids, report.touched.allocated_months) == ((), ())


def test_prices_touch_the_proposals_of_their_year(engine, promoter, stored, results):
    starts = np.array(["2022-12-31T23"], "datetime64[s]")
    series = PriceSeries(PriceSubject.OTHER, None, Step.HOUR, starts, np.array([5]))
    with write_session(engine) as session:
        report = import_prices(
            session,
            promoter_id=promoter.id,
            community_id=stored.community.id,
            file=PriceFile("test", (series,)),
            source=SourceFile("prices.csv", "0" * 64),
            options=PriceOptions(),
            imported_at=IMPORTED_AT,
        )
    expected = tuple(sorted([results["2023"], results["2023 of one"]]))
    assert report.touched.proposal_ids == expected
    assert report.to_json()["touched"]["proposal_ids"] == list(map(str, expected))
    assert report.touched.allocated_months == ()


def test_a_touched_month_is_named_in_json(engine, promoter, stored, results):
    file = make_file(make_series(stored.points[0].cups, "2022-12-31T23", [5]))
    report = import_file(engine, promoter, stored.community.id, file)
    assert report.touched.allocated_months == (AllocatedMonth(stored.installation.cau, "2023-01"),)
    assert report.to_json()["touched"]["allocated_months"] == [
        {"cau": stored.installation.cau, "month": "2023-01"}
    ]
