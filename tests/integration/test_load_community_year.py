from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import Engine

from api.services.communities.find_community import UnknownCommunityError
from api.services.communities.load_community_year import (
    MissingYearError,
    load_community_year,
    stored_years,
)
from api.services.community_folders.export_community import export_community
from api.services.community_folders.import_community import import_community
from loaders.community_folder import read_community_folder
from loaders.community_folder_writer import write_community_folder
from loaders.records import CommunityYear
from models.repositories.readings import MissingMonthsError, MixedStepsError
from models.session import read_session, write_session
from models.tables import Channel, Promoter
from models.values.calendar import Step
from models.values.errors import ErrorCode
from tests.support.community_folders import (
    build_community_year,
    make_cau,
    make_cups,
)
from tests.support.queries import count_queries

IMPORTED_AT = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)


def _import(engine: Engine, promoter: Promoter, community: CommunityYear):
    with write_session(engine) as session:
        return import_community(
            session, promoter_id=promoter.id, community=community, imported_at=IMPORTED_AT
        ).community_id


@pytest.mark.parametrize("n_members", [1, 30])
def test_the_number_of_queries_does_not_grow(engine: Engine, promoter, n_members):
    community_id = _import(engine, promoter, build_community_year(n_members=n_members))
    with read_session(engine) as session, count_queries(engine) as queries:
        load_community_year(session, promoter_id=promoter.id, community_id=community_id, year=2023)
    # community, installations, memberships, pool, supply points, members, agreements (of none
    # there are no coefficients to ask for), consumption, generation, prices
    assert len(queries) == 10


def test_unknown_communities(engine: Engine, promoter, other_promoter, tmp_path):
    community_id = _import(engine, promoter, build_community_year())
    for asked in (
        {"promoter_id": promoter.id, "community_id": uuid4()},
        {"promoter_id": other_promoter.id, "community_id": community_id},
    ):
        with read_session(engine) as session:
            with pytest.raises(UnknownCommunityError) as caught:
                load_community_year(session, **asked, year=2023)
            assert caught.value.community == asked["community_id"]
            with pytest.raises(UnknownCommunityError):
                stored_years(session, **asked)
    with read_session(engine) as session, pytest.raises(UnknownCommunityError, match="nowhere"):
        export_community(
            session,
            promoter_id=promoter.id,
            community_code="nowhere",
            year=2023,
            folder=tmp_path / "out",
        )
    assert not (tmp_path / "out").exists()


def test_a_year_without_any_readings_names_the_years_that_have_them(engine: Engine, promoter):
    community_id = _import(engine, promoter, build_community_year(n_members=40))
    asked = {"promoter_id": promoter.id, "community_id": community_id}
    with read_session(engine) as session, pytest.raises(MissingYearError) as caught:
        load_community_year(session, **asked, year=2024)
    assert str(caught.value) == "no readings of 2024 are stored; stored years: 2023"
    assert (caught.value.year, caught.value.stored_years) == (2024, (2023,))
    assert caught.value.code is ErrorCode.NOT_FOUND
    _import(engine, promoter, build_community_year(n_members=40, year=2021))
    with read_session(engine) as session, pytest.raises(MissingYearError, match=": 2021, 2023"):
        load_community_year(session, **asked, year=2022)
    assert str(MissingYearError(2024, [])) == "no readings of 2024 are stored; no year is whole"


def test_a_year_that_the_plant_alone_has_names_a_few_of_the_others(engine: Engine, promoter):
    community_id = _import(engine, promoter, build_community_year())
    later = build_community_year(year=2024, n_members=40)
    members = tuple(
        replace(member, cups=make_cups(50 + row)) for row, member in enumerate(later.members)
    )
    _import(engine, promoter, replace(later, members=members))
    with read_session(engine) as session, pytest.raises(MissingMonthsError) as caught:
        load_community_year(session, promoter_id=promoter.id, community_id=community_id, year=2023)
    named = "; ".join(f"{make_cups(50 + row)} in all of 2023" for row in range(5))
    message = f"no consumption is stored of {named}; and 36 more: import it first"
    assert str(caught.value) == message


def test_years_are_complete_for_todays_list(engine: Engine, promoter):
    community_id = _import(engine, promoter, build_community_year(year=2022))
    asked = {"promoter_id": promoter.id, "community_id": community_id}
    _import(engine, promoter, build_community_year(year=2023))
    with read_session(engine) as session:
        assert stored_years(session, **asked) == [2022, 2023]
    _import(engine, promoter, build_community_year(year=2024, n_reserve=2))
    with read_session(engine) as session:
        assert stored_years(session, **asked) == [2024]
        with pytest.raises(MissingMonthsError) as caught:
            load_community_year(session, **asked, year=2023)
    assert caught.value.missing == {make_cups(5): tuple(range(1, 13))}
    assert caught.value.channel is Channel.CONSUMPTION


def test_supply_points_may_lack_months_where_gaps_are_accepted(engine: Engine, promoter):
    first = build_community_year(n_members=2, n_reserve=0)
    community_id = _import(engine, promoter, first)
    second = build_community_year(n_members=3, n_reserve=1, year=2024)
    _import(engine, promoter, second)
    asked = {"promoter_id": promoter.id, "community_id": community_id, "year": 2023}
    with read_session(engine) as session:
        with pytest.raises(MissingMonthsError):
            load_community_year(session, **asked)
        year = load_community_year(session, **asked, accepts_gaps=True)
    assert [member.member_id for member in year.members] == ["M1", "M2", "M3", "R1"]
    np.testing.assert_array_equal(year.consumption_kwh[:2], first.consumption_kwh)
    assert np.isnan(year.consumption_kwh[2:]).all()
    np.testing.assert_array_equal(year.generation_kwh, first.generation_kwh)


def test_a_plant_may_not_lack_months(engine: Engine, promoter):
    community_id = _import(engine, promoter, build_community_year())
    second = build_community_year(year=2024, n_installations=2)
    _import(engine, promoter, second)
    asked = {"promoter_id": promoter.id, "community_id": community_id}
    with read_session(engine) as session:
        with pytest.raises(MissingMonthsError) as caught:
            load_community_year(session, **asked, year=2023, accepts_gaps=True)
        with pytest.raises(MissingYearError):
            load_community_year(session, **asked, year=2022, accepts_gaps=True)
    assert caught.value.missing == {make_cau(2): tuple(range(1, 13))}
    assert caught.value.channel is Channel.GENERATION


def test_generation_by_another_step_than_consumption(engine: Engine, promoter):
    # whoever is listed today was metered by the hour, the plant by the quarter of an hour since
    community_id = _import(engine, promoter, build_community_year(n_members=2, n_reserve=0))
    quarters = build_community_year(n_members=2, n_reserve=0, step=Step.QUARTER_HOUR)
    members = tuple(
        replace(member, cups=make_cups(50 + row)) for row, member in enumerate(quarters.members)
    )
    _import(engine, promoter, replace(quarters, members=members))
    hours = build_community_year(n_members=2, n_reserve=0)
    _import(engine, promoter, replace(hours, year=2022, **_series_of_2022()))
    with read_session(engine) as session, pytest.raises(MixedStepsError) as caught:
        load_community_year(session, promoter_id=promoter.id, community_id=community_id, year=2023)
    assert caught.value.channel is Channel.GENERATION


def _series_of_2022() -> dict[str, object]:
    older = build_community_year(n_members=2, n_reserve=0, year=2022)
    return {
        name: getattr(older, name)
        for name in (
            "consumption_kwh",
            "generation_kwh",
            "energy_eur_per_kwh",
            "surplus_eur_per_kwh",
        )
    }


def test_an_export_reads_back_as_what_was_imported(engine: Engine, promoter, tmp_path):
    original = build_community_year(n_installations=2)
    declares = replace(original.members[0], yearly_kwh=2450.125)
    original = replace(original, members=(declares, *original.members[1:]))
    folder = tmp_path / "in"
    write_community_folder(original, folder)
    community_id = _import(engine, promoter, read_community_folder(folder))
    with read_session(engine) as session:
        export_community(
            session,
            promoter_id=promoter.id,
            community_code=original.community_id,
            year=2023,
            folder=tmp_path / "out",
        )
        stored = load_community_year(
            session, promoter_id=promoter.id, community_id=community_id, year=2023
        )
    exported = read_community_folder(tmp_path / "out")
    assert exported.members == stored.members
    assert [member.yearly_kwh for member in exported.members] == [2450.125, None, None, None]
    assert exported.installations == original.installations
    np.testing.assert_array_equal(exported.consumption_kwh, original.consumption_kwh)
    np.testing.assert_array_equal(exported.generation_kwh, original.generation_kwh)
    np.testing.assert_array_equal(exported.surplus_eur_per_kwh, original.surplus_eur_per_kwh)
    with write_session(engine) as session:
        report = import_community(
            session, promoter_id=promoter.id, community=exported, imported_at=IMPORTED_AT
        )
    assert report.is_unchanged


def test_the_shared_community_keeps_every_watt_hour(engine: Engine, promoter, shared_data):
    folder = read_community_folder(shared_data / "valencia")
    community_id = _import(engine, promoter, folder)
    with read_session(engine) as session:
        stored = load_community_year(
            session, promoter_id=promoter.id, community_id=community_id, year=2023
        )
    np.testing.assert_array_equal(stored.consumption_kwh, folder.consumption_kwh)
    np.testing.assert_array_equal(stored.generation_kwh, folder.generation_kwh)
    assert [member.cups for member in stored.members] == [m.cups for m in folder.members]
