"""What everybody may know of a community: what its promoter tells, and sums of five or more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import update
from sqlmodel import col, select

from api.clock import now
from api.graphql.node import write_global_id
from models import tables
from models.repositories.promoters import find_promoter
from models.session import write_session
from models.tables import AllocatedEnergy, Membership, MonthAllocation, PrivacyNotice
from models.values.access import Role
from tests.support.accounts_of_roles import OWNER, add_account, call_as
from tests.support.agreements import add_second_plant
from tests.support.databases import on_sqlite
from tests.support.queries import count_queries
from tests.support.sign_ups import PAGE, PUBLISH, SLUG, UNPUBLISH, open_page
from tests.support.stored_records import add_community

pytestmark = on_sqlite

SHOW = """query ($slug: String!) { publicCommunity(slug: $slug) { slug name municipality
  about { language text } contactEmail since memberCount isSignUpOpen freePlaces
  maximumDistanceM maximumDistanceSource privacyNotice { version text }
  plants { totalCount edges { node { inverterPowerKw } } }
  months { edges { node { month generationKwh avoidedCo2Kg } } } } }"""
LIST = """query ($first: Int, $after: String) { publicCommunities(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } edges { node { slug memberCount
    months { totalCount } } } } }"""
SETTINGS = "query ($id: ID!) { community(id: $id) { publicPage { slug isPublished textEs } } }"
MICRO = 1_000_000


@pytest.fixture
def page(api):
    return open_page(api)


@pytest.fixture
def stored(api):
    """Store a community of five who share, and of two."""
    with write_session(api.engine) as session:
        owner = find_promoter(session, name=OWNER).id
        return [
            add_community(session, owner, number=number, n_members=n_members)
            for number, n_members in ((8, 5), (9, 2))
        ]


def publish(page, stored, slug: str) -> None:
    key = write_global_id(tables.Community, stored.community.id)
    assert page.publish(communityId=key, slug=slug)["userErrors"] == []


def start_of_month(months_ago: int) -> datetime:
    clock = ZoneInfo("Europe/Madrid")
    day = now().astimezone(clock).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(months_ago):
        day = (day - timedelta(days=1)).replace(day=1)
    return day.astimezone(UTC)


def share_month(
    api,
    stored,
    *,
    months_ago: int,
    version: int = 1,
    n_without_share: int = 0,
    n_erased: int = 0,
) -> None:
    """Share 1,100 kWh out, of which each used 30 kWh at once, the first ones nothing.

    Of those erased no part is left.
    """
    owner, starts_at = stored.community.promoter_id, start_of_month(months_ago)
    given_wh = 60_000 * (len(stored.points) - n_without_share)
    with write_session(api.engine) as session:
        month = MonthAllocation(
            promoter_id=owner,
            installation_id=stored.installation.id,
            starts_at=starts_at,
            version=version,
            generation_wh=1_100_000 * version,
            unallocated_micro_wh=(1_100_000 * version - given_wh) * MICRO,
            inputs_sha256="0" * 64,
            recorded_at=starts_at,
        )
        session.add(month)
        session.flush()
        session.add_all(
            AllocatedEnergy(
                allocation_id=month.id,
                supply_point_id=point.id,
                promoter_id=owner,
                consumption_wh=100_000,
                allocated_micro_wh=60_000 * MICRO if place >= n_without_share else 0,
                self_consumed_micro_wh=30_000 * MICRO if place >= n_without_share else 0,
            )
            for place, point in enumerate(stored.points)
            if place >= n_erased
        )


def test_a_page_tells_what_is_to_be_known(page):
    answer = page.publish(freePlaces=3, textCa="Compartim el sol.")
    assert answer["userErrors"] == []
    assert answer["page"] == {
        "slug": SLUG,
        "isPublished": True,
        "isOpen": True,
        "needsApproval": False,
        "textEs": PAGE["textEs"],
        "textCa": "Compartim el sol.",
        "freePlaces": 3,
    }
    shown = page.public.ask(SHOW, slug=SLUG)["publicCommunity"]
    assert shown == {
        "slug": SLUG,
        "name": "Comunidad de la Peña",
        "municipality": "Peñíscola",
        "about": {"language": "ES", "text": PAGE["textEs"]},
        "contactEmail": "sol@vila.example",
        "since": "2023-01-01",
        "memberCount": None,
        "isSignUpOpen": True,
        "freePlaces": 3,
        "maximumDistanceM": 5000,
        "maximumDistanceSource": "RDL 7/2026, DF 14 (BOE-A-2026-6544)",
        "privacyNotice": {"version": 1, "text": PAGE["privacyNotice"]},
        "plants": {"totalCount": 1, "edges": [{"node": {"inverterPowerKw": 10.0}}]},
        "months": {"edges": []},
    }


@pytest.mark.parametrize(
    ("accepted", "asked", "language"),
    [("ca", "", "CA"), ("es", "(language: CA)", "CA"), ("ca", "(language: EN)", "ES")],
)
def test_the_text_is_told_in_a_language_that_there_is(page, accepted, asked, language):
    page.publish(textCa="Sol.")
    query = f"""{{ publicCommunity(slug: "{SLUG}") {{ about{asked} {{ language }} }} }}"""
    answer = page.public.post(query, more={"accept-language": accepted}).json()
    assert answer["data"]["publicCommunity"]["about"] == {"language": language}


def test_sums_of_five_are_told_and_of_fewer_are_not(page, stored):
    many, few = stored
    publish(page, many, "cinco")
    publish(page, few, "dos")
    for each in stored:
        share_month(page.api, each, months_ago=2)
    share_month(page.api, many, months_ago=1)
    share_month(page.api, many, months_ago=1, version=2)
    share_month(page.api, many, months_ago=15)
    shown = page.public.ask(SHOW, slug="cinco")["publicCommunity"]
    clock = ZoneInfo("Europe/Madrid")
    days = [start_of_month(ago).astimezone(clock).date().isoformat() for ago in (2, 1)]
    told = [edge["node"] for edge in shown["months"]["edges"]]
    assert [(each["month"], each["generationKwh"]) for each in told] == [
        (days[0], 1100.0),
        (days[1], 2200.0),
    ]
    # Five used 30 kWh each, at 0.331 kg/kWh.
    assert [each["avoidedCo2Kg"] for each in told] == [49.65, 49.65]
    assert shown["memberCount"] == 5
    (month,) = page.public.ask(SHOW, slug="dos")["publicCommunity"]["months"]["edges"]
    assert month["node"]["avoidedCo2Kg"] is None
    assert month["node"]["generationKwh"] == 1100.0
    share_month(page.api, many, months_ago=3, n_without_share=1)
    shown = page.public.ask(SHOW, slug="cinco")["publicCommunity"]
    assert shown["months"]["edges"][0]["node"]["avoidedCo2Kg"] is None


def test_what_five_had_left_when_a_sixth_was_erased_is_not_told(page):
    with write_session(page.api.engine) as session:
        owner = find_promoter(session, name=OWNER).id
        six = add_community(session, owner, number=16, n_members=6)
    publish(page, six, "seis")
    share_month(page.api, six, months_ago=2, n_erased=1)
    share_month(page.api, six, months_ago=1)
    shown = page.public.ask(SHOW, slug="seis")["publicCommunity"]
    told = [edge["node"]["avoidedCo2Kg"] for edge in shown["months"]["edges"]]
    assert told == [None, 59.58]


def avoided(page, slug):
    shown = page.public.ask(SHOW, slug=slug)["publicCommunity"]
    return [edge["node"]["avoidedCo2Kg"] for edge in shown["months"]["edges"]]


@pytest.mark.parametrize(("n_members", "is_told"), [(1, True), (2, False)])
def test_the_members_of_one_account_count_as_one(page, stored, n_members, is_told):
    many, _ = stored
    publish(page, many, "cinco")
    share_month(page.api, many, months_ago=2)
    codes = [member.code for member in many.members[:n_members]]
    community = many.community.code
    add_account(page.api.engine, Role.MEMBER, community=community, members=codes)
    assert avoided(page, "cinco") == [49.65 if is_told else None]


def test_of_a_month_that_some_plant_has_not_shared_out_nothing_is_told(page, stored):
    many, _ = stored
    publish(page, many, "cinco")
    for months_ago in (3, 2, 1):
        share_month(page.api, many, months_ago=months_ago)
    assert avoided(page, "cinco") == [49.65] * 3
    second = add_second_plant(page.api.engine, many, np.zeros(8760, np.int32))
    clock = ZoneInfo("Europe/Madrid")
    since, until = (start_of_month(ago).astimezone(clock).date() for ago in (2, 1))
    with write_session(page.api.engine) as session:
        shares = col(Membership.installation_id) == second.installation.id
        joined = {"valid_from": since, "valid_until": until}
        session.exec(update(Membership).where(shares).values(joined))
    assert avoided(page, "cinco") == [49.65, None, 49.65]
    share_month(page.api, replace(second, points=second.points[:0]), months_ago=2)
    assert avoided(page, "cinco") == [49.65] * 3


def test_what_was_taken_back_is_answered_like_what_never_was(page):
    page.publish()
    answer = page.api.ask(UNPUBLISH, input={"communityId": page.community_id})
    assert answer["unpublishCommunity"]["page"] == {"slug": SLUG, "isPublished": False}
    again = page.api.ask(UNPUBLISH, input={"communityId": page.community_id})
    assert again["unpublishCommunity"]["userErrors"][0]["code"] == "CONFLICT"
    gone, never = (page.public.post(SHOW, slug=slug) for slug in (SLUG, "otra"))
    assert gone.json() == never.json() == {"data": {"publicCommunity": None}}
    assert page.public.ask(LIST)["publicCommunities"]["edges"] == []
    settings = page.api.ask(SETTINGS, id=page.community_id)["community"]["publicPage"]
    assert settings == {"slug": SLUG, "isPublished": False, "textEs": PAGE["textEs"]}


def test_both_answers_take_the_same_questions(page):
    page.publish()
    page.api.ask(UNPUBLISH, input={"communityId": page.community_id})
    counts = []
    for slug in (SLUG, "otra"):
        with count_queries(page.api.engine) as queries:
            page.public.ask(SHOW, slug=slug)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_pages_are_listed_by_name_with_as_many_questions_for_each(page, stored):
    for each, slug in zip(stored, ("b-dos", "a-uno"), strict=True):
        publish(page, each, slug)
    page.publish()
    with count_queries(page.api.engine) as one:
        first = page.public.ask(LIST, first=1)["publicCommunities"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    with count_queries(page.api.engine) as two:
        rest = page.public.ask(LIST, first=2, after=first["pageInfo"]["endCursor"])
    slugs = [edge["node"]["slug"] for edge in rest["publicCommunities"]["edges"]]
    assert (first["edges"][0]["node"]["slug"], slugs) == ("a-uno", ["b-dos", SLUG])
    assert len(one) == len(two)
    error = page.public.error(LIST, after="x")
    assert error["extensions"]["code"] == "INVALID_ARGUMENT"


def test_a_name_is_taken_once_whoever_has_it(page, stored):
    page.publish()
    key = write_global_id(tables.Community, stored[0].community.id)
    (error,) = page.publish(communityId=key)["userErrors"]
    assert (error["code"], error["path"]) == ("CONFLICT", ["input", "slug"])
    with write_session(page.api.engine) as session:
        other = find_promoter(session, name="Cooperativa del Ebro").id
        theirs = add_community(session, other, number=7).community
    wish = PAGE | {"communityId": write_global_id(tables.Community, theirs.id)}
    answer = page.api.ask(PUBLISH, token=page.api.other, input=wish)["publishCommunity"]
    assert (answer["page"], answer["userErrors"][0]["code"]) == (None, "CONFLICT")
    foreign = page.api.ask(
        PUBLISH, token=page.api.other, input=wish | {"communityId": page.community_id}
    )
    assert foreign["publishCommunity"]["userErrors"][0]["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"slug": "La-Pena"}, "slug"),
        ({"slug": "../x"}, "slug"),
        ({"slug": "a--b"}, "slug"),
        ({"slug": "ab"}, "slug"),
        ({"slug": "a" * 61}, "slug"),
        ({"municipality": ""}, "municipality"),
        ({"municipality": "a\nb"}, "municipality"),
        ({"contactEmail": "x"}, "contactEmail"),
        ({"textEs": None}, "textEs"),
        ({"textCa": "\0"}, "textCa"),
        ({"textEn": "x" * 2001}, "textEn"),
        ({"freePlaces": -1}, "freePlaces"),
        ({"privacyNotice": " "}, "privacyNotice"),
        ({"privacyNotice": None}, "privacyNotice"),
        ({"communityId": "x"}, "communityId"),
    ],
)
def test_a_page_that_makes_no_sense_is_refused(page, wrong, path):
    answer = page.publish(**wrong)
    (error,) = answer["userErrors"]
    assert (answer["page"], error["path"]) == (None, ["input", path])


def test_another_notice_is_another_version_and_the_earlier_stay(page):
    for text in ("Uno.", "Uno.", None, "Dos."):
        page.publish(privacyNotice=text)
    with write_session(page.api.engine) as session:
        notices = session.exec(select(PrivacyNotice).order_by(PrivacyNotice.version)).all()
        assert [(each.version, each.text) for each in notices] == [(1, "Uno."), (2, "Dos.")]


def test_managers_publish_their_own(page):
    manager = call_as(page.api, Role.COMMUNITY_MANAGER)
    wish = PAGE | {"communityId": page.community_id}
    assert manager.ask(PUBLISH, input=wish)["publishCommunity"]["userErrors"] == []
    assert manager.ask(SETTINGS, id=page.community_id)["community"]["publicPage"]["isPublished"]
