"""What is read in the event loop is brief; what may take longer than that goes to a thread."""

import pytest

from api.graphql.context import Context
from tests.support.api import CAU
from tests.support.databases import on_sqlite

pytestmark = on_sqlite

MEMBERS = "communities { edges { node { members(%s) { totalCount edges { node { id } } } } } }"
PLANT = f'installation(cau: "{CAU}") {{ %s }}'

BRIEF = {
    "a page": MEMBERS % "first: 100",
    "short lists": PLANT
    % "community { members { edges { node { supplyPoints { totalCount } } } } }",
}
LONG = {
    "a count": MEMBERS % "first: 1",
    "a search": MEMBERS % 'first: 100, filter: {search: "M"}',
    "everybody of a plant": PLANT % "memberships { totalCount }",
    "everybody's periods": PLANT % 'appliedCoefficients(onDay: "2024-01-01") { totalCount }',
}


@pytest.fixture
def handed_over(monkeypatch) -> list[object]:
    """List what goes to a thread, from a database at hand."""
    handed: list[object] = []
    work = Context.work

    async def watch(context, reading):
        handed.append(reading)
        return await work(context, reading)

    monkeypatch.setattr(Context, "work", watch)
    monkeypatch.setattr("api.graphql.context.is_at_hand", lambda _engine: True)
    return handed


@pytest.mark.parametrize("asked", BRIEF.values(), ids=BRIEF)
def test_few_records_are_read_at_once(api, handed_over, asked):
    assert api.ask(f"{{ {asked} }}")
    assert handed_over == []


@pytest.mark.parametrize("asked", LONG.values(), ids=LONG)
def test_what_takes_long_goes_to_a_thread(api, handed_over, asked):
    assert api.ask(f"{{ {asked} }}")
    assert len(handed_over) == 1


def test_many_keys_go_to_a_thread(api, handed_over, monkeypatch):
    monkeypatch.setattr("api.graphql.dataloaders._MOST_BRIEFLY", 2)
    assert api.ask(f"{{ {BRIEF['short lists']} }}")
    assert len(handed_over) == 1
