from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import col

from api.services.community_folders.import_community import import_community
from api.services.community_folders.import_records import (
    ClockChangedError,
    ForeignRecordError,
    ForgottenInstallationError,
)
from api.services.community_folders.import_report import (
    ImportReport,
    RoundingMove,
    Standing,
    StandingChange,
)
from loaders.records import MemberRole
from models.session import write_session
from models.tables import (
    ApplicationState,
    Channel,
    Community,
    DistributionAgreement,
    Member,
    Membership,
    Price,
    Reading,
    ReserveApplication,
    SelfConsumptionInstallation,
)
from models.values.calendar import Step, Zone
from models.values.errors import InvalidDataError
from models.values.tariff import Tariff
from tests.support.community_folders import build_community_year, make_cau, make_cups
from tests.support.imports import (
    IMPORTED_AT,
    LATER,
    YEAR,
    change_member,
    import_year,
    keep_members,
    load_year,
    point_of,
    rows_of,
    with_betas,
)


def test_a_new_community_is_stored(engine: Engine, promoter):
    report = import_year(engine, promoter, YEAR)
    (community,) = rows_of(engine, Community)
    (plant,) = rows_of(engine, SelfConsumptionInstallation)
    assert (community.code, community.name, community.zone) == (
        "test-1",
        "Comunidad de la Peña",
        Zone.PENINSULA,
    )
    assert (plant.cau, plant.inverter_power_w, plant.lat) == (make_cau(1), 10_000, 39.47)
    assert sorted(member.code for member in rows_of(engine, Member)) == ["M1", "M2", "M3", "R1"]
    assert point_of(engine, make_cups(2)).contracted_power_w == 4450
    memberships = rows_of(engine, Membership)
    assert sorted(row.position for row in memberships) == [0, 1, 2]
    assert {(row.valid_from, row.valid_until) for row in memberships} == {(date(2023, 1, 1), None)}
    (application,) = rows_of(engine, ReserveApplication)
    assert (application.position, application.state) == (3, ApplicationState.WAITING)
    assert (report.n_members, report.n_reserve, report.year) == (3, 1, 2023)
    assert report.community_id == community.id
    assert (
        report.months.first_versions
        == 12 * (4 + 1 + 2)
        == len(rows_of(engine, Reading) + rows_of(engine, Price))
    )
    assert report.months.corrected == {}
    assert not report.is_unchanged


def test_importing_twice_changes_nothing(engine: Engine, promoter):
    year = with_betas(YEAR, 0.2, 0.3, 0.5)
    import_year(engine, promoter, year)
    before = [
        rows_of(engine, table) for table in (Reading, Price, DistributionAgreement, Membership)
    ]
    report = import_year(engine, promoter, year, LATER)
    assert report.is_unchanged
    assert report.to_json()["unchanged"] is True
    after = [
        rows_of(engine, table) for table in (Reading, Price, DistributionAgreement, Membership)
    ]
    assert after == before


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("timezone", ["Europe/Madrid", "Atlantic/Canary"])
def test_what_is_stored_loads_as_it_was(engine: Engine, promoter, step, timezone):
    year = build_community_year(n_installations=2, step=step, timezone=timezone)
    year = change_member(year, 3, investment_eur=1234.56, joined_on=date(2022, 5, 1), lat=39.0)
    report = import_year(engine, promoter, year)
    loaded = load_year(engine, promoter, report.community_id)
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
    report = import_year(engine, promoter, replace(YEAR, consumption_kwh=consumption_kwh))
    move = report.rounding[Channel.CONSUMPTION]
    assert move.total_kwh == pytest.approx(-0.0008, abs=1e-9)
    assert move.largest_kwh == pytest.approx(0.0004, abs=1e-12)
    assert report.rounding[Channel.GENERATION] == RoundingMove(0.0, 0.0)


def test_a_correction_is_a_new_version(engine: Engine, promoter):
    first = import_year(engine, promoter, YEAR)
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
    report = import_year(engine, promoter, corrected, LATER)
    assert report.months.first_versions == 0
    assert report.months.corrected == {
        make_cups(2): [1, 12],
        make_cau(1): [3],
        "energy prices": [2],
    }
    assert report.changed_records == ()
    versions = rows_of(engine, Reading, col(Reading.version) == 2)
    assert {(row.version, row.recorded_at) for row in versions} == {(2, LATER)}
    loaded = load_year(engine, promoter, first.community_id)
    np.testing.assert_array_equal(loaded.consumption_kwh, consumption_kwh)
    np.testing.assert_array_equal(loaded.energy_eur_per_kwh, prices)
    assert import_year(engine, promoter, corrected).is_unchanged


def test_another_step_is_a_new_version(engine: Engine, promoter):
    report = import_year(engine, promoter, YEAR)
    quarters = build_community_year(step=Step.QUARTER_HOUR)
    assert len(import_year(engine, promoter, quarters).months.corrected) == 7
    assert load_year(engine, promoter, report.community_id).step is Step.QUARTER_HOUR


def test_a_folder_without_prices_leaves_the_stored_ones(engine: Engine, promoter):
    report = import_year(engine, promoter, YEAR)
    bare = replace(YEAR, energy_eur_per_kwh=None, surplus_eur_per_kwh=None)
    assert import_year(engine, promoter, bare).is_unchanged
    assert load_year(engine, promoter, report.community_id).energy_eur_per_kwh is not None


def test_without_prices_none_are_stored(engine: Engine, promoter):
    report = import_year(engine, promoter, build_community_year(with_prices=False))
    loaded = load_year(engine, promoter, report.community_id)
    assert (loaded.energy_eur_per_kwh, loaded.surplus_eur_per_kwh) == (None, None)


def test_changed_records_are_named(engine: Engine, promoter):
    import_year(engine, promoter, YEAR)
    changed = change_member(
        YEAR, 0, kind="shop", tariff=Tariff.LOW_VOLTAGE_ABOVE_15_KW, investment_eur=10.005
    )
    changed = change_member(changed, 3, joined_on=date(2024, 1, 1))
    plant = replace(YEAR.installations[0], pv_kw=12.5)
    changed = replace(changed, name="New name", installations=(plant,))
    report = import_year(engine, promoter, changed)
    assert report.changed_records == (
        "community test-1",
        f"installation {make_cau(1)}",
        "member M1",
        f"supply point {make_cups(1)}",
        f"membership {make_cups(1)}",
        f"reserve application {make_cups(4)}",
    )
    assert report.months.corrected == {}
    assert point_of(engine, make_cups(1)).tariff is Tariff.LOW_VOLTAGE_ABOVE_15_KW
    assert [
        row.investment_cents for row in rows_of(engine, Membership, Membership.position == 0)
    ] == [1001]


def test_the_order_of_the_list_is_kept(engine: Engine, promoter):
    first = import_year(engine, promoter, YEAR)
    report = import_year(engine, promoter, keep_members(YEAR, [3, 1, 0, 2]))
    assert report.standing_changes == ()
    assert report.months.corrected == {}
    loaded = load_year(engine, promoter, first.community_id)
    assert [member.member_id for member in loaded.members] == ["R1", "M2", "M1", "M3"]


def _standing(report: ImportReport) -> dict[str, tuple[Standing, Standing]]:
    return {change.member_id: (change.before, change.after) for change in report.standing_changes}


def test_who_is_admitted_stops_waiting(engine: Engine, promoter):
    import_year(engine, promoter, YEAR)
    report = import_year(engine, promoter, change_member(YEAR, 3, role=MemberRole.MEMBER), LATER)
    assert report.standing_changes == (
        StandingChange("R1", make_cups(4), Standing.RESERVE, Standing.MEMBER),
    )
    (application,) = rows_of(engine, ReserveApplication)
    assert application.state is ApplicationState.ADMITTED
    assert {row.valid_until for row in rows_of(engine, Membership)} == {None}
    assert len(rows_of(engine, Membership)) == 4


def test_who_steps_back_into_the_reserve_stops_sharing(engine: Engine, promoter):
    import_year(engine, promoter, YEAR)
    waiting = change_member(YEAR, 0, role=MemberRole.RESERVE)
    report = import_year(engine, promoter, waiting, LATER)
    assert _standing(report) == {"M1": (Standing.MEMBER, Standing.RESERVE)}
    point = point_of(engine, make_cups(1))
    (membership,) = rows_of(engine, Membership, Membership.supply_point_id == point.id)
    assert membership.valid_until == date(2024, 6, 1)
    assert import_year(engine, promoter, waiting, LATER).is_unchanged


def test_who_left_the_list_leaves_both(engine: Engine, promoter):
    first = import_year(engine, promoter, YEAR)
    report = import_year(engine, promoter, keep_members(YEAR, [1, 2]), LATER)
    assert report.standing_changes == (
        StandingChange("M1", make_cups(1), Standing.MEMBER, Standing.ABSENT),
        StandingChange("R1", make_cups(4), Standing.RESERVE, Standing.ABSENT),
    )
    (application,) = rows_of(engine, ReserveApplication)
    assert application.state is ApplicationState.WITHDRAWN
    assert import_year(engine, promoter, keep_members(YEAR, [1, 2]), LATER).is_unchanged
    loaded = load_year(engine, promoter, first.community_id)
    assert [member.member_id for member in loaded.members] == ["M2", "M3"]


def test_who_comes_back_begins_after_the_last_end(engine: Engine, promoter):
    import_year(engine, promoter, YEAR)
    import_year(engine, promoter, keep_members(YEAR, [1, 2, 3]), LATER)
    report = import_year(
        engine, promoter, change_member(YEAR, 0, joined_on=date(2023, 2, 1)), LATER
    )
    assert _standing(report) == {"M1": (Standing.ABSENT, Standing.MEMBER)}
    point = point_of(engine, make_cups(1))
    rows = rows_of(engine, Membership, Membership.supply_point_id == point.id)
    assert sorted((row.valid_from, row.valid_until) for row in rows if row.valid_until) == [
        (date(2023, 1, 1), date(2024, 6, 1))
    ]
    assert [row.valid_from for row in rows if row.valid_until is None] == [date(2024, 6, 1)]


def test_a_membership_that_never_began_ends_a_day_after_it_would_have(engine: Engine, promoter):
    import_year(engine, promoter, change_member(YEAR, 0, joined_on=date(2030, 1, 1)))
    import_year(engine, promoter, keep_members(YEAR, [1, 2, 3]))
    point = point_of(engine, make_cups(1))
    (row,) = rows_of(engine, Membership, Membership.supply_point_id == point.id)
    assert (row.valid_from, row.valid_until) == (date(2030, 1, 1), date(2030, 1, 2))


def test_a_new_day_of_joining_moves_the_membership(engine: Engine, promoter):
    import_year(engine, promoter, YEAR)
    report = import_year(engine, promoter, change_member(YEAR, 0, joined_on=date(2022, 7, 1)))
    assert report.changed_records == (f"membership {make_cups(1)}",)
    assert import_year(engine, promoter, YEAR).is_unchanged
    (row,) = rows_of(engine, Membership, Membership.position == 0)
    assert row.valid_from == date(2022, 7, 1)


def test_a_new_holder_takes_the_supply_point(engine: Engine, promoter):
    first = import_year(engine, promoter, YEAR)
    report = import_year(engine, promoter, change_member(YEAR, 0, member_id="M9"))
    assert report.changed_records == ("member M9", f"supply point {make_cups(1)}")
    assert report.standing_changes == ()
    assert load_year(engine, promoter, first.community_id).members[0].member_id == "M9"


def test_members_share_in_every_installation(engine: Engine, promoter):
    import_year(engine, promoter, build_community_year(n_installations=2))
    assert len(rows_of(engine, Membership)) == 6


def test_a_new_installation_is_shared_by_all(engine: Engine, promoter):
    import_year(engine, promoter, YEAR)
    report = import_year(engine, promoter, build_community_year(n_installations=2))
    assert f"installation {make_cau(2)}" in report.changed_records
    assert report.standing_changes == ()
    assert len(rows_of(engine, Membership)) == 6


def test_codes_of_another_community_are_refused(engine: Engine, promoter):
    import_year(engine, promoter, YEAR)
    other = replace(YEAR, community_id="other")
    with pytest.raises(ForeignRecordError) as caught:
        import_year(engine, promoter, other)
    assert (caught.value.kind, caught.value.codes) == ("CAU", (make_cau(1),))
    plant = replace(YEAR.installations[0], cau=make_cau(9))
    with pytest.raises(ForeignRecordError) as caught:
        import_year(engine, promoter, replace(other, installations=(plant,)))
    assert caught.value.kind == "CUPS"
    assert caught.value.codes == tuple(sorted(make_cups(number) for number in (1, 2, 3, 4)))
    assert [row.code for row in rows_of(engine, Community)] == ["test-1"]


def test_two_promoters_hold_the_same_codes(engine: Engine, promoter, other_promoter):
    mine = import_year(engine, promoter, YEAR)
    doubled = replace(YEAR, consumption_kwh=2 * YEAR.consumption_kwh)
    theirs = import_year(engine, other_promoter, doubled)
    assert theirs.months.corrected == {}
    assert theirs.months.first_versions == mine.months.first_versions
    np.testing.assert_array_equal(
        load_year(engine, promoter, mine.community_id).consumption_kwh, YEAR.consumption_kwh
    )
    np.testing.assert_array_equal(
        load_year(engine, other_promoter, theirs.community_id).consumption_kwh,
        doubled.consumption_kwh,
    )


def test_a_forgotten_installation_is_refused(engine: Engine, promoter):
    import_year(engine, promoter, build_community_year(n_installations=2))
    with pytest.raises(ForgottenInstallationError) as caught:
        import_year(engine, promoter, YEAR)
    assert caught.value.caus == (make_cau(2),)


def test_another_clock_is_refused(engine: Engine, promoter):
    import_year(engine, promoter, YEAR)
    with pytest.raises(ClockChangedError) as caught:
        import_year(engine, promoter, build_community_year(timezone="Atlantic/Canary"))
    assert (caught.value.stored, caught.value.offered) == ("Europe/Madrid", "Atlantic/Canary")


@pytest.mark.parametrize("price", [float("nan"), float("inf"), -1_000_000.1])
def test_an_absurd_price_leaves_nothing_behind(engine: Engine, promoter, price):
    prices = YEAR.energy_eur_per_kwh.copy()
    prices[5] = price
    with pytest.raises(InvalidDataError, match="within 1,000,000 EUR/kWh"):
        import_year(engine, promoter, replace(YEAR, energy_eur_per_kwh=prices))
    assert rows_of(engine, Community) == []
    assert rows_of(engine, Reading) == []


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
    year = with_betas(YEAR, 0.2, 0.3, 0.5)
    report = import_year(engine, promoter, year)
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
    assert import_year(engine, promoter, YEAR).to_json()["agreement_id"] is None
