"""Memberships in some of a community's plants, from the list into the store and back."""

from datetime import date

from sqlmodel import select

from api.services.community_folders.export_community import export_community
from api.services.community_folders.import_report import Standing, StandingChange
from api.services.proposals.run_proposal import load_installation_year
from loaders.community_folder import read_community_folder
from models.session import read_session
from models.tables import Membership, SelfConsumptionInstallation, SupplyPoint
from tests.support.community_folders import build_community_year, make_cau
from tests.support.imports import LATER, change_member, import_year, load_year, rows_of

ONE, TWO = make_cau(1), make_cau(2)
BOTH = build_community_year(n_installations=2)
SPLIT = change_member(change_member(BOTH, 0, caus=(ONE,)), 1, caus=(TWO,))


def sharing(engine, *, ended=False):
    """List who shares in each plant, by the place in the list."""
    with read_session(engine) as session:
        rows = session.exec(
            select(SelfConsumptionInstallation.cau, SupplyPoint.cups, Membership.valid_until)
            .select_from(Membership)
            .join(SelfConsumptionInstallation)
            .join(SupplyPoint)
        ).all()
    cups = [member.cups for member in BOTH.members]
    found = {ONE: [], TWO: []}
    for cau, code, end in rows:
        if (end is not None) is ended:
            found[cau].append(cups.index(code))
    return {cau: sorted(places) for cau, places in found.items()}


def test_members_share_where_the_list_says(engine, promoter):
    report = import_year(engine, promoter, SPLIT)
    assert sharing(engine) == {ONE: [0, 2], TWO: [1, 2]}
    assert import_year(engine, promoter, SPLIT, LATER).is_unchanged
    loaded = load_year(engine, promoter, report.community_id)
    assert [member.caus for member in loaded.members] == [(ONE,), (TWO,), (), ()]


def test_a_list_can_move_a_member_from_plant_to_plant(engine, promoter):
    import_year(engine, promoter, BOTH)
    report = import_year(engine, promoter, SPLIT, LATER)
    assert report.standing_changes == ()
    assert sharing(engine) == {ONE: [0, 2], TWO: [1, 2]}
    assert sharing(engine, ended=True) == {ONE: [1], TWO: [0]}
    back = import_year(engine, promoter, change_member(SPLIT, 0, caus=()), LATER)
    assert back.standing_changes == ()
    assert sharing(engine) == {ONE: [0, 2], TWO: [0, 1, 2]}
    starts = {row.valid_from for row in rows_of(engine, Membership)}
    assert starts == {date(2023, 1, 1), date(2024, 6, 1)}


def test_a_new_member_of_one_plant_is_a_member(engine, promoter):
    report = import_year(engine, promoter, SPLIT)
    first = SPLIT.members[0]
    assert report.standing_changes[0] == StandingChange(
        first.member_id, first.cups, Standing.ABSENT, Standing.MEMBER
    )


def test_a_plants_year_has_only_its_members(engine, promoter):
    import_year(engine, promoter, SPLIT)
    plants = {row.cau: row.id for row in rows_of(engine, SelfConsumptionInstallation)}
    for cau, places in ((ONE, (0, 2)), (TWO, (1, 2))):
        with read_session(engine) as session:
            year = load_installation_year(
                session, promoter_id=promoter.id, installation_id=plants[cau], year=2023
            )
        assert [member.member_id for member in year.members] == [
            BOTH.members[place].member_id for place in places
        ]
        assert {member.caus for member in year.members} == {()}


def test_the_folder_comes_back_as_it_was(engine, promoter, tmp_path):
    report = import_year(engine, promoter, SPLIT)
    with read_session(engine) as session:
        export_community(
            session,
            promoter_id=promoter.id,
            community_code=SPLIT.community_id,
            year=2023,
            folder=tmp_path,
        )
    exported = read_community_folder(tmp_path)
    assert exported.members == load_year(engine, promoter, report.community_id).members
    assert [member.caus for member in exported.members] == [(ONE,), (TWO,), (), ()]
