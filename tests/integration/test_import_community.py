from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from api.services.import_community import import_community
from api.services.import_records import (
    ClockChangedError,
    ForeignRecordError,
    ForgottenInstallationError,
)
from api.services.import_report import (
    AgreementOutcome,
    ImportReport,
    RoundingMove,
    Standing,
    StandingChange,
)
from api.services.load_community_year import load_community_year
from loaders.records import CommunityYear, MemberRole
from models.repositories.agreements import draft_agreement, group_coefficients, publish_agreement
from models.session import read_session, write_session
from models.tables import (
    AgreementState,
    ApplicationState,
    Channel,
    CoefficientProposal,
    Community,
    DistributionAgreement,
    JobRun,
    Member,
    Membership,
    Price,
    Promoter,
    Reading,
    ReserveApplication,
    SelfConsumptionInstallation,
    SupplyPoint,
)
from models.values.calendar import Step, Zone
from models.values.errors import InvalidDataError
from models.values.tariff import Tariff
from tests.support.community_folders import build_community_year, make_cau, make_cups

IMPORTED_AT = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
LATER = datetime(2024, 5, 31, 22, 30, tzinfo=UTC)  # already June in Madrid
YEAR = build_community_year()


def _import(
    engine: Engine, promoter: Promoter, community: CommunityYear, at: datetime = IMPORTED_AT
) -> ImportReport:
    with write_session(engine) as session:
        return import_community(
            session, promoter_id=promoter.id, community=community, imported_at=at
        )


def _load(engine: Engine, promoter: Promoter, community_id: UUID) -> CommunityYear:
    with read_session(engine) as session:
        return load_community_year(
            session, promoter_id=promoter.id, community_id=community_id, year=2023
        )


def _rows(engine: Engine, table, *conditions):
    with read_session(engine) as session:
        return session.exec(select(table).where(*conditions)).all()


def _point(engine: Engine, cups: str) -> SupplyPoint:
    (point,) = _rows(engine, SupplyPoint, SupplyPoint.cups == cups)
    return point


def _change_member(community: CommunityYear, row: int, **changed) -> CommunityYear:
    members = list(community.members)
    members[row] = replace(members[row], **changed)
    return replace(community, members=tuple(members))


def _keep_members(community: CommunityYear, rows: list[int]) -> CommunityYear:
    return replace(
        community,
        members=tuple(community.members[row] for row in rows),
        consumption_kwh=community.consumption_kwh[rows],
    )


def _with_betas(community: CommunityYear, *betas: float | None) -> CommunityYear:
    for row, beta in enumerate(betas):
        community = _change_member(community, row, current_beta=beta)
    return community


def test_a_new_community_is_stored(engine: Engine, promoter):
    report = _import(engine, promoter, YEAR)
    (community,) = _rows(engine, Community)
    (plant,) = _rows(engine, SelfConsumptionInstallation)
    assert (community.code, community.name, community.zone) == (
        "test-1",
        "Comunidad de la Peña",
        Zone.PENINSULA,
    )
    assert (plant.cau, plant.inverter_power_w, plant.lat) == (make_cau(1), 10_000, 39.47)
    assert sorted(member.code for member in _rows(engine, Member)) == ["M1", "M2", "M3", "R1"]
    assert _point(engine, make_cups(2)).contracted_power_w == 4450
    memberships = _rows(engine, Membership)
    assert sorted(row.position for row in memberships) == [0, 1, 2]
    assert {(row.valid_from, row.valid_until) for row in memberships} == {(date(2023, 1, 1), None)}
    (application,) = _rows(engine, ReserveApplication)
    assert (application.position, application.state) == (3, ApplicationState.WAITING)
    assert (report.n_members, report.n_reserve, report.year) == (3, 1, 2023)
    assert report.community_id == community.id
    assert (
        report.months.first_versions
        == 12 * (4 + 1 + 2)
        == len(_rows(engine, Reading) + _rows(engine, Price))
    )
    assert report.months.corrected == {}
    assert not report.is_unchanged


def test_importing_twice_changes_nothing(engine: Engine, promoter):
    year = _with_betas(YEAR, 0.2, 0.3, 0.5)
    _import(engine, promoter, year)
    before = [_rows(engine, table) for table in (Reading, Price, DistributionAgreement, Membership)]
    report = _import(engine, promoter, year, LATER)
    assert report.is_unchanged
    assert report.to_json()["unchanged"] is True
    after = [_rows(engine, table) for table in (Reading, Price, DistributionAgreement, Membership)]
    assert after == before


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("timezone", ["Europe/Madrid", "Atlantic/Canary"])
def test_what_is_stored_loads_as_it_was(engine: Engine, promoter, step, timezone):
    year = build_community_year(n_installations=2, step=step, timezone=timezone)
    year = _change_member(year, 3, investment_eur=1234.56, joined_on=date(2022, 5, 1), lat=39.0)
    report = _import(engine, promoter, year)
    loaded = _load(engine, promoter, report.community_id)
    joined = tuple(
        replace(member, joined_on=date(2023, 1, 1)) if member.role == "member" else member
        for member in year.members
    )
    assert loaded.members == joined
    assert loaded.installations == year.installations
    for name in ("community_id", "name", "timezone", "zone", "year", "step"):
        assert getattr(loaded, name) == getattr(year, name)
    for name in (
        "consumption_kwh",
        "generation_kwh",
        "energy_eur_per_kwh",
        "surplus_eur_per_kwh",
    ):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(year, name))


def test_rounding_is_reported(engine: Engine, promoter):
    consumption_kwh = YEAR.consumption_kwh.copy()
    consumption_kwh[0, :3] = [0.0004, 1.0003, 2.0001]
    report = _import(engine, promoter, replace(YEAR, consumption_kwh=consumption_kwh))
    move = report.rounding[Channel.CONSUMPTION]
    assert move.total_kwh == pytest.approx(-0.0008, abs=1e-9)
    assert move.largest_kwh == pytest.approx(0.0004, abs=1e-12)
    assert report.rounding[Channel.GENERATION] == RoundingMove(0.0, 0.0)


def test_a_correction_is_a_new_version(engine: Engine, promoter):
    first = _import(engine, promoter, YEAR)
    consumption_kwh = YEAR.consumption_kwh.copy()
    consumption_kwh[1, [0, 8759]] += 0.001
    prices = YEAR.energy_eur_per_kwh.copy()
    prices[744] = -0.5
    generation_kwh = YEAR.generation_kwh.copy()
    generation_kwh[0, 2000] += 1
    corrected = replace(
        YEAR,
        consumption_kwh=consumption_kwh,
        energy_eur_per_kwh=prices,
        generation_kwh=generation_kwh,
    )
    report = _import(engine, promoter, corrected, LATER)
    assert report.months.first_versions == 0
    assert report.months.corrected == {
        make_cups(2): [1, 12],
        make_cau(1): [3],
        "energy prices": [2],
    }
    assert report.changed_records == ()
    versions = _rows(engine, Reading, col(Reading.version) == 2)
    assert {(row.version, row.recorded_at) for row in versions} == {(2, LATER)}
    loaded = _load(engine, promoter, first.community_id)
    np.testing.assert_array_equal(loaded.consumption_kwh, consumption_kwh)
    np.testing.assert_array_equal(loaded.energy_eur_per_kwh, prices)
    assert _import(engine, promoter, corrected).is_unchanged


def test_another_step_is_a_new_version(engine: Engine, promoter):
    report = _import(engine, promoter, YEAR)
    quarters = build_community_year(step=Step.QUARTER_HOUR)
    assert len(_import(engine, promoter, quarters).months.corrected) == 7
    assert _load(engine, promoter, report.community_id).step is Step.QUARTER_HOUR


def test_a_folder_without_prices_leaves_the_stored_ones(engine: Engine, promoter):
    report = _import(engine, promoter, YEAR)
    bare = replace(YEAR, energy_eur_per_kwh=None, surplus_eur_per_kwh=None)
    assert _import(engine, promoter, bare).is_unchanged
    assert _load(engine, promoter, report.community_id).energy_eur_per_kwh is not None


def test_without_prices_none_are_stored(engine: Engine, promoter):
    report = _import(engine, promoter, build_community_year(with_prices=False))
    loaded = _load(engine, promoter, report.community_id)
    assert (loaded.energy_eur_per_kwh, loaded.surplus_eur_per_kwh) == (None, None)


def test_changed_records_are_named(engine: Engine, promoter):
    _import(engine, promoter, YEAR)
    changed = _change_member(
        YEAR, 0, kind="shop", tariff=Tariff.LOW_VOLTAGE_ABOVE_15_KW, investment_eur=10.005
    )
    changed = _change_member(changed, 3, joined_on=date(2024, 1, 1))
    plant = replace(YEAR.installations[0], pv_kw=12.5)
    changed = replace(changed, name="New name", installations=(plant,))
    report = _import(engine, promoter, changed)
    assert report.changed_records == (
        "community test-1",
        f"installation {make_cau(1)}",
        "member M1",
        f"supply point {make_cups(1)}",
        f"membership {make_cups(1)}",
        f"reserve application {make_cups(4)}",
    )
    assert report.months.corrected == {}
    assert _point(engine, make_cups(1)).tariff is Tariff.LOW_VOLTAGE_ABOVE_15_KW
    assert [
        row.investment_cents for row in _rows(engine, Membership, Membership.position == 0)
    ] == [1001]


def test_the_order_of_the_list_is_kept(engine: Engine, promoter):
    first = _import(engine, promoter, YEAR)
    report = _import(engine, promoter, _keep_members(YEAR, [3, 1, 0, 2]))
    assert report.standing_changes == ()
    assert report.months.corrected == {}
    loaded = _load(engine, promoter, first.community_id)
    assert [member.member_id for member in loaded.members] == ["R1", "M2", "M1", "M3"]


def _standing(report: ImportReport) -> dict[str, tuple[Standing, Standing]]:
    return {change.member_id: (change.before, change.after) for change in report.standing_changes}


def test_who_is_admitted_stops_waiting(engine: Engine, promoter):
    _import(engine, promoter, YEAR)
    report = _import(engine, promoter, _change_member(YEAR, 3, role=MemberRole.MEMBER), LATER)
    assert report.standing_changes == (
        StandingChange("R1", make_cups(4), Standing.RESERVE, Standing.MEMBER),
    )
    (application,) = _rows(engine, ReserveApplication)
    assert application.state is ApplicationState.ADMITTED
    assert {row.valid_until for row in _rows(engine, Membership)} == {None}
    assert len(_rows(engine, Membership)) == 4


def test_who_steps_back_into_the_reserve_stops_sharing(engine: Engine, promoter):
    _import(engine, promoter, YEAR)
    waiting = _change_member(YEAR, 0, role=MemberRole.RESERVE)
    report = _import(engine, promoter, waiting, LATER)
    assert _standing(report) == {"M1": (Standing.MEMBER, Standing.RESERVE)}
    point = _point(engine, make_cups(1))
    (membership,) = _rows(engine, Membership, Membership.supply_point_id == point.id)
    assert membership.valid_until == date(2024, 6, 1)
    assert _import(engine, promoter, waiting, LATER).is_unchanged


def test_who_left_the_list_leaves_both(engine: Engine, promoter):
    first = _import(engine, promoter, YEAR)
    report = _import(engine, promoter, _keep_members(YEAR, [1, 2]), LATER)
    assert report.standing_changes == (
        StandingChange("M1", make_cups(1), Standing.MEMBER, Standing.ABSENT),
        StandingChange("R1", make_cups(4), Standing.RESERVE, Standing.ABSENT),
    )
    (application,) = _rows(engine, ReserveApplication)
    assert application.state is ApplicationState.WITHDRAWN
    assert _import(engine, promoter, _keep_members(YEAR, [1, 2]), LATER).is_unchanged
    loaded = _load(engine, promoter, first.community_id)
    assert [member.member_id for member in loaded.members] == ["M2", "M3"]


def test_who_comes_back_begins_after_the_last_end(engine: Engine, promoter):
    _import(engine, promoter, YEAR)
    _import(engine, promoter, _keep_members(YEAR, [1, 2, 3]), LATER)
    report = _import(engine, promoter, _change_member(YEAR, 0, joined_on=date(2023, 2, 1)), LATER)
    assert _standing(report) == {"M1": (Standing.ABSENT, Standing.MEMBER)}
    point = _point(engine, make_cups(1))
    rows = _rows(engine, Membership, Membership.supply_point_id == point.id)
    assert sorted((row.valid_from, row.valid_until) for row in rows if row.valid_until) == [
        (date(2023, 1, 1), date(2024, 6, 1))
    ]
    assert [row.valid_from for row in rows if row.valid_until is None] == [date(2024, 6, 1)]


def test_a_membership_that_never_began_ends_a_day_after_it_would_have(engine: Engine, promoter):
    _import(engine, promoter, _change_member(YEAR, 0, joined_on=date(2030, 1, 1)))
    _import(engine, promoter, _keep_members(YEAR, [1, 2, 3]))
    point = _point(engine, make_cups(1))
    (row,) = _rows(engine, Membership, Membership.supply_point_id == point.id)
    assert (row.valid_from, row.valid_until) == (date(2030, 1, 1), date(2030, 1, 2))


def test_a_new_day_of_joining_moves_the_membership(engine: Engine, promoter):
    _import(engine, promoter, YEAR)
    report = _import(engine, promoter, _change_member(YEAR, 0, joined_on=date(2022, 7, 1)))
    assert report.changed_records == (f"membership {make_cups(1)}",)
    assert _import(engine, promoter, YEAR).is_unchanged
    (row,) = _rows(engine, Membership, Membership.position == 0)
    assert row.valid_from == date(2022, 7, 1)


def test_a_new_holder_takes_the_supply_point(engine: Engine, promoter):
    first = _import(engine, promoter, YEAR)
    report = _import(engine, promoter, _change_member(YEAR, 0, member_id="M9"))
    assert report.changed_records == ("member M9", f"supply point {make_cups(1)}")
    assert report.standing_changes == ()
    assert _load(engine, promoter, first.community_id).members[0].member_id == "M9"


def test_members_share_in_every_installation(engine: Engine, promoter):
    _import(engine, promoter, build_community_year(n_installations=2))
    assert len(_rows(engine, Membership)) == 6


def test_a_new_installation_is_shared_by_all(engine: Engine, promoter):
    _import(engine, promoter, YEAR)
    report = _import(engine, promoter, build_community_year(n_installations=2))
    assert f"installation {make_cau(2)}" in report.changed_records
    assert report.standing_changes == ()
    assert len(_rows(engine, Membership)) == 6


def _coefficients(session: Session, promoter: Promoter, agreement_id: UUID) -> list[int]:
    groups = group_coefficients(session, promoter_id=promoter.id, agreement_ids=[agreement_id])
    return [row.millionths for row in groups[agreement_id]]


@pytest.mark.parametrize(
    ("betas", "millionths"),
    [
        ((0.2, 0.3, 0.5), [200_000, 300_000, 500_000]),
        ((1 / 3, 1 / 3, 1 / 3), [333_334, 333_333, 333_333]),
        ((0.333333, 0.333333, 0.333333), [333_334, 333_333, 333_333]),
        ((0.333334, 0.333334, 0.333334), [333_334, 333_333, 333_333]),
        ((0.0, 0.0, 1.0), [0, 0, 1_000_000]),
    ],
)
def test_current_coefficients_become_an_agreement(engine: Engine, promoter, betas, millionths):
    report = _import(engine, promoter, _with_betas(YEAR, *betas))
    (agreement,) = _rows(engine, DistributionAgreement)
    assert report.agreement == AgreementOutcome(agreement.id, is_new=True)
    assert (agreement.state, agreement.file_year) == (AgreementState.PUBLISHED, 2023)
    assert (agreement.created_at, agreement.published_at) == (IMPORTED_AT, IMPORTED_AT)
    with read_session(engine) as session:
        assert _coefficients(session, promoter, agreement.id) == millionths
    loaded = _load(engine, promoter, report.community_id)
    assert [member.current_beta for member in loaded.members[:3]] == [
        share / 1_000_000 for share in millionths
    ]


@pytest.mark.parametrize(
    ("betas", "reason"),
    [
        ((None, None, None), "the list states no current coefficients"),
        ((0.5, None, 0.5), "1 of 3 members have no current coefficient"),
        ((0.5, 0.25, 0.2499), "the current coefficients sum to 0.999900, not 1"),
        ((0.5, 0.25, 0.250004), "the current coefficients sum to 1.000004, not 1"),
        ((1.5, -0.25, -0.25), "a current coefficient is not between 0 and 1"),
        ((0.5, 0.5, float("nan")), "a current coefficient is not between 0 and 1"),
    ],
)
def test_other_coefficients_become_none(engine: Engine, promoter, betas, reason):
    report = _import(engine, promoter, _with_betas(YEAR, *betas))
    assert report.agreement == AgreementOutcome(reason=reason)
    assert _rows(engine, DistributionAgreement) == []


def test_several_installations_share_no_column_of_coefficients(engine: Engine, promoter):
    year = _with_betas(build_community_year(n_installations=2), 0.2, 0.3, 0.5)
    report = _import(engine, promoter, year)
    assert report.agreement.reason == (
        "the community has 2 installations, and the list does not say whose coefficients it states"
    )
    assert _load(engine, promoter, report.community_id).members[0].current_beta is None


def test_new_coefficients_supersede(engine: Engine, promoter):
    _import(engine, promoter, _with_betas(YEAR, 0.2, 0.3, 0.5))
    report = _import(engine, promoter, _with_betas(YEAR, 0.5, 0.3, 0.2), LATER)
    assert report.agreement.is_new
    states = {row.id: row.state.value for row in _rows(engine, DistributionAgreement)}
    assert sorted(states.values()) == ["published", "superseded"]
    assert states[report.agreement.agreement_id] == "published"


def test_an_old_list_does_not_bring_back_what_a_proposal_replaced(engine: Engine, promoter):
    year = _with_betas(YEAR, 0.2, 0.3, 0.5)
    stated = _import(engine, promoter, year).agreement.agreement_id
    accepted = _accept_proposal(engine, promoter)
    report = _import(engine, promoter, year, LATER)
    assert report.is_unchanged
    assert report.agreement == AgreementOutcome(stated)
    (published,) = _rows(
        engine, DistributionAgreement, DistributionAgreement.state == AgreementState.PUBLISHED
    )
    assert published.id == accepted


def _accept_proposal(engine: Engine, promoter: Promoter) -> UUID:
    (plant,) = _rows(engine, SelfConsumptionInstallation)
    tenant = {"promoter_id": promoter.id, "created_at": IMPORTED_AT}
    with write_session(engine) as session:
        job = JobRun(kind="propose", arguments={}, **tenant)
        session.add(job)
        session.flush()
        proposal = CoefficientProposal(
            installation_id=plant.id, job_run_id=job.id, year=2023, request={}, result={}, **tenant
        )
        session.add(proposal)
        session.flush()
        agreement = DistributionAgreement(
            installation_id=plant.id, proposal_id=proposal.id, file_year=2024, **tenant
        )
        draft_agreement(session, agreement, {_point(engine, make_cups(1)).id: 1_000_000})
        publish_agreement(session, agreement, published_at=IMPORTED_AT)
    return agreement.id


def test_codes_of_another_community_are_refused(engine: Engine, promoter):
    _import(engine, promoter, YEAR)
    other = replace(YEAR, community_id="other")
    with pytest.raises(ForeignRecordError) as caught:
        _import(engine, promoter, other)
    assert (caught.value.kind, caught.value.codes) == ("CAU", (make_cau(1),))
    plant = replace(YEAR.installations[0], cau=make_cau(9))
    with pytest.raises(ForeignRecordError) as caught:
        _import(engine, promoter, replace(other, installations=(plant,)))
    assert caught.value.kind == "CUPS"
    assert caught.value.codes == tuple(sorted(make_cups(number) for number in (1, 2, 3, 4)))
    assert [row.code for row in _rows(engine, Community)] == ["test-1"]


def test_two_promoters_hold_the_same_codes(engine: Engine, promoter, other_promoter):
    mine = _import(engine, promoter, YEAR)
    doubled = replace(YEAR, consumption_kwh=2 * YEAR.consumption_kwh)
    theirs = _import(engine, other_promoter, doubled)
    assert theirs.months.corrected == {}
    assert theirs.months.first_versions == mine.months.first_versions
    np.testing.assert_array_equal(
        _load(engine, promoter, mine.community_id).consumption_kwh, YEAR.consumption_kwh
    )
    np.testing.assert_array_equal(
        _load(engine, other_promoter, theirs.community_id).consumption_kwh,
        doubled.consumption_kwh,
    )


def test_a_forgotten_installation_is_refused(engine: Engine, promoter):
    _import(engine, promoter, build_community_year(n_installations=2))
    with pytest.raises(ForgottenInstallationError) as caught:
        _import(engine, promoter, YEAR)
    assert caught.value.caus == (make_cau(2),)


def test_another_clock_is_refused(engine: Engine, promoter):
    _import(engine, promoter, YEAR)
    with pytest.raises(ClockChangedError) as caught:
        _import(engine, promoter, build_community_year(timezone="Atlantic/Canary"))
    assert (caught.value.stored, caught.value.offered) == ("Europe/Madrid", "Atlantic/Canary")


@pytest.mark.parametrize("price", [float("nan"), float("inf"), -1_000_000.1])
def test_an_absurd_price_leaves_nothing_behind(engine: Engine, promoter, price):
    prices = YEAR.energy_eur_per_kwh.copy()
    prices[5] = price
    with pytest.raises(InvalidDataError, match="within 1,000,000 EUR/kWh"):
        _import(engine, promoter, replace(YEAR, energy_eur_per_kwh=prices))
    assert _rows(engine, Community) == []
    assert _rows(engine, Reading) == []


def test_progress_is_told(engine: Engine, promoter):
    told: list[tuple[float, str]] = []
    with write_session(engine) as session:
        import_community(
            session,
            promoter_id=promoter.id,
            community=YEAR,
            imported_at=IMPORTED_AT,
            progress=lambda share, stage: told.append((share, stage)),
        )
    assert told == [
        (0.0, "records"),
        (0.1, "consumption readings"),
        (0.8, "generation readings"),
        (0.9, "prices"),
        (1.0, "done"),
    ]


def test_the_report_is_plain_json(engine: Engine, promoter):
    year = _with_betas(YEAR, 0.2, 0.3, 0.5)
    report = _import(engine, promoter, year)
    told = report.to_json()
    assert told["community_id"] == str(report.community_id)
    assert (told["unchanged"], told["n_members"], told["first_versions"]) == (False, 3, 84)
    assert told["standing_changes"][3] == {
        "member_id": "R1",
        "cups": make_cups(4),
        "before": "absent",
        "after": "reserve",
    }
    assert told["rounding"]["consumption"] == {"total_kwh": 0.0, "largest_kwh": 0.0}
    assert told["agreement_id"] == str(report.agreement.agreement_id)
    assert (told["agreement_is_new"], told["no_agreement_because"]) == (True, None)
    assert _import(engine, promoter, YEAR).to_json()["agreement_id"] is None
