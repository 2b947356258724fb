"""Lists of what happened: narrowed, ordered, and in the order of their writing."""

from datetime import timedelta

from sqlmodel import select

from api.graphql.node import write_global_id
from models import tables
from models.session import read_session, write_session
from models.values.access import Role
from tests.api.test_payments import TODAY, books, pay
from tests.support.accounts_of_roles import call_as
from tests.support.api import NOW
from tests.support.belongings import add_file_import, add_message, add_submission
from tests.support.databases import on_sqlite

__all__ = ["books"]

pytestmark = on_sqlite

PAYMENTS = """query ($i: ID!, $filter: PaymentFilter, $order: MoneyOrder, $first: Int,
    $after: String) {
  payments(issuerId: $i, filter: $filter, order: $order, first: $first, after: $after) { totalCount
  pageInfo { endCursor hasNextPage } edges { node { amountEur } } } }"""
ENTRIES = """query ($i: ID!, $filter: LedgerEntryFilter, $order: MoneyOrder) {
  ledgerEntries(issuerId: $i, filter: $filter, order: $order) { totalCount edges { node {
    event amountEur invoice { number } } } } }"""
LISTS = {
    "jobs": "JobFilter",
    "outboxMessages": "OutboxMessageFilter",
    "agencySubmissions": "AgencySubmissionFilter",
}
DAY = NOW.date()
ON_THE_DAY = f"{DAY}/{DAY + timedelta(days=1)}"
EARLIER = f"{DAY - timedelta(days=9)}/{DAY}"


def list_payments(api, books, **wanted):
    """Read the list page by page, two at a time."""
    found, after = [], None
    while True:
        page = api.ask(PAYMENTS, i=books["issuer"], first=2, after=after, **wanted)["payments"]
        found += [edge["node"]["amountEur"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found)
            return found
        after = page["pageInfo"]["endCursor"]


def list_entries(api, books, **wanted):
    found = api.ask(ENTRIES, i=books["issuer"], **wanted)["ledgerEntries"]
    assert found["totalCount"] == len(found["edges"])
    return [edge["node"] for edge in found["edges"]]


def test_payments_are_narrowed_and_ordered(api, books):
    day_before = (TODAY - timedelta(days=1)).isoformat()
    own = {"memberId": books["members"][0]}
    pay(api, books, amountEur="3.00", sourceKey="a", **own)
    pay(api, books, amountEur="1.00", sourceKey="b", method="CASH")
    pay(api, books, amountEur="2.00", sourceKey="c", receivedOn=day_before)
    assert list_payments(api, books) == ["2.00", "1.00", "3.00"]
    for wanted, amounts in (
        ({"method": "CASH"}, ["1.00"]),
        (own, ["3.00"]),
        ({"memberId": "x"}, []),
        ({"receivedIn": f"{TODAY}/.."}, ["1.00", "3.00"]),
        ({"receivedIn": f"{day_before}/{TODAY}"}, ["2.00"]),
        ({"receivedIn": f"{day_before}/..", "method": "CARD"}, ["2.00", "3.00"]),
    ):
        assert list_payments(api, books, filter=wanted) == amounts
    assert list_payments(api, books, order={"by": "AMOUNT"}) == ["3.00", "2.00", "1.00"]
    rising = {"by": "AMOUNT", "direction": "ASCENDING"}
    assert list_payments(api, books, order=rising) == ["1.00", "2.00", "3.00"]
    error = api.error(PAYMENTS, i=books["issuer"], filter={"receivedIn": f"{TODAY}/{TODAY}"})
    assert "Period" in error["message"]


def test_entries_of_one_instant_come_in_the_order_of_their_writing(api, books):
    entries = list_entries(api, books)
    numbers = [entry["invoice"]["number"] for entry in entries]
    assert numbers == sorted(numbers, reverse=True)
    assert len(entries) == 6
    first = books["numbers"][0]
    of_one = list_entries(api, books, filter={"invoiceId": books["invoices"][0]})
    assert [entry["invoice"]["number"] for entry in of_one] == [first] * 2
    assert list_entries(api, books, filter={"event": "PAID"}) == []
    assert list_entries(api, books, filter={"memberId": books["members"][0]}) == of_one
    amounts = [entry["amountEur"] for entry in list_entries(api, books, order={"by": "AMOUNT"})]
    assert amounts == ["10.00"] * 3 + ["2.10"] * 3
    assert list_entries(api, books, filter={"postedIn": "2000-01-01/2001-01-01"}) == []


def count(api, name, wanted, caller=None):
    query = f"""query ($filter: {LISTS[name]}) {{ {name}(filter: $filter) {{
      totalCount edges {{ node {{ id }} }} }} }}"""
    page = (caller or api).ask(query, filter=wanted)[name]
    assert page["totalCount"] == len(page["edges"])
    return page["totalCount"]


def test_jobs_messages_and_submissions_are_narrowed(api):
    with write_session(api.engine) as session:
        community = session.exec(select(tables.Community)).one()
        session.add(
            tables.JobRun(
                promoter_id=community.promoter_id,
                kind="allocate_months",
                arguments={},
                community_id=community.id,
                created_at=NOW,
            )
        )
    add_message(api)
    add_submission(api)
    key = write_global_id(tables.Community, community.id)
    for name, wanted, other in (
        ("jobs", {"kind": "ALLOCATE_MONTHS", "state": "QUEUED"}, {"state": "FAILED"}),
        ("jobs", {"communityId": key}, {"communityId": "x"}),
        ("outboxMessages", {"state": "WAITING"}, {"state": "SENT"}),
        ("agencySubmissions", {"state": "STORED"}, {"state": "ANSWERED"}),
    ):
        assert count(api, name, wanted | {"createdIn": ON_THE_DAY}) == 1
        assert (count(api, name, other), count(api, name, {"createdIn": EARLIER})) == (0, 0)
    assert count(api, "jobs", None, call_as(api, Role.COMMUNITY_MANAGER)) == 1
    assert count(api, "jobs", None, call_as(api, Role.MEMBER)) == 0


def test_imports_are_narrowed(api):
    add_file_import(api)
    with read_session(api.engine) as session:
        key = write_global_id(tables.Community, session.exec(select(tables.Community)).one().id)
    query = """query ($id: ID!, $filter: FileImportFilter) { community(id: $id) {
      fileImports(filter: $filter) { totalCount edges { node { fileName } } } } }"""
    for wanted, number in (
        ({"subject": "PRICES", "createdIn": ON_THE_DAY}, 1),
        ({"subject": "READINGS"}, 0),
        ({"createdIn": EARLIER}, 0),
    ):
        found = api.ask(query, id=key, filter=wanted)["community"]["fileImports"]
        assert (found["totalCount"], len(found["edges"])) == (number, number)
