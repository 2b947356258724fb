"""What was read is asked for once, until anybody writes, and told to nobody else."""

import pytest
from sqlmodel import select

from api.graphql.kept_readings import KeptReadings
from models.change_mark import ChangeMark
from models.session import create_database_engine, write_session
from models.tables import Community
from models.values.access import Role
from tests.support.accounts_of_roles import add_account, call_as_each, sign_in_as
from tests.support.api import CAU, YEAR
from tests.support.databases import on_sqlite
from tests.support.list_paths import write_list_documents
from tests.support.queries import count_queries

# Nothing is kept of another database.
pytestmark = on_sqlite

NAMES = "{ communities { edges { node { name members { totalCount edges { node { code } } } } } } }"
ENERGY = f'{{ installation(cau: "{CAU}") {{ cau energy(%s, resolution: MONTH) {{ values }} }} }}'
YEAR_OF = ENERGY % f"measure: GENERATION, year: {YEAR}"
LISTS = write_list_documents({"issuerId": ""})


def rename(engine, name):
    with write_session(engine) as session:
        session.exec(select(Community)).one().name = name


def name_of(api):
    [edge] = api.ask(NAMES)["communities"]["edges"]
    return edge["node"]["name"]


@pytest.mark.parametrize("query", [NAMES, YEAR_OF], ids=["records", "a year"])
def test_the_same_again_asks_the_database_nothing(api, query):
    first = api.ask(query)
    with count_queries(api.engine, recalls=True) as queries:
        assert api.ask(query) == first
    assert queries == []


@pytest.mark.parametrize("is_here", [True, False], ids=["this process", "another"])
def test_what_anybody_writes_is_told_at_once(api, is_here):
    assert name_of(api) != "Vila Nova"
    engine = api.engine if is_here else create_database_engine(api.settings.database_url)
    rename(engine, "Vila Nova")
    assert name_of(api) == "Vila Nova"


def test_a_failure_is_found_out_anew(api):
    missing = ENERGY % f"measure: GENERATION, year: {YEAR + 1}"
    api.error(missing)
    with count_queries(api.engine, recalls=True) as queries:
        api.error(missing)
    assert queries


def test_nobody_is_told_what_was_read_for_another(api):
    # The public is told nothing of this, and charged for asking.
    callers = [each for role, each in call_as_each(api).items() if role is not Role.PUBLIC]
    neighbour = add_account(api.engine, Role.MEMBER, members=["M2"], email="m2@vila.example")
    callers.append(sign_in_as(api, neighbour))
    # Half of all lists are plenty, and take half the time.
    questions = [(caller, query) for query in [*LISTS.values()][::2] for caller in callers]
    told = [caller.post(query).json() for caller, query in questions for _again in range(2)][1::2]
    api.app.state.kept = KeptReadings(ChangeMark(api.engine), most_rows=0)
    anew = [caller.post(query).json() for caller, query in questions]
    assert told == anew
    assert any(answer.get("data") for answer in told)
