"""Parts of what members save, worked out from the bills of their retailers."""

from datetime import UTC, date, datetime
from decimal import Decimal

from api.services.bills.recorded_contracts import record_contracts
from api.services.invoices.billing_faults import MissingKind
from models.session import write_session
from models.values.invoicing import BillingBasis
from models.values.period import Period
from tests.support.agreements import shared
from tests.support.billing import BilledCommunity, store_plan, term
from tests.support.databases import on_sqlite
from tests.support.stored_bills import HOME, contracts_of, homes
from tests.support.stored_once import stored_once

__all__ = ["homes", "shared"]

pytestmark = on_sqlite
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
NEW_YEAR = date(2026, 1, 1)
NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)


@stored_once
def saving(engine, homes) -> BilledCommunity:
    """Store homes of which the first pays a fifth of its savings, the others nothing."""
    with write_session(engine) as session:
        part = term(BillingBasis.SHARE_OF_SAVINGS, "0.2", since=NEW_YEAR)
        plan = store_plan(session, homes, "s", [part])
        free = store_plan(session, homes, "free", [])
    billed = BilledCommunity(engine, homes, plan)
    billed.allocate(MARCH.start)
    for place in (1, 2):
        billed.subscribe(place, NEW_YEAR, plan_id=free.id)
    billed.pay(0)
    return billed


def record_home(billed: BilledCommunity) -> None:
    with write_session(billed.engine) as session:
        record_contracts(
            session,
            promoter_id=billed.owner,
            cups=[point.cups for point in billed.stored.points],
            contracts=contracts_of(HOME),
            valid_from=NEW_YEAR,
            now=NOW,
        )


# The home saves 7.00 EUR in March 2026: tests/golden/test_retail_bills.py, bills made by hand.
def test_a_part_of_the_saving_is_charged(saving):
    saving.subscribe(0, NEW_YEAR)
    record_home(saving)

    preview = saving.preview(MARCH, now=NOW)

    assert preview.missing == ()
    (draft,) = preview.drafts
    (line,) = draft.lines
    assert (line.line.quantity, line.line.unit_price_eur, line.line.base_eur) == (
        Decimal(7),
        Decimal("0.2"),
        Decimal("1.40"),
    )
    (source,) = line.source["savings"]
    assert (source["without_eur"], source["sharing_eur"]) == ("76.58", "69.58")
    assert source["contract"] == "home"


def test_days_are_charged_from_the_subscription_on(saving):
    saving.subscribe(0, NEW_YEAR, date(2026, 3, 22))
    free = saving.rows(type(saving.plan))
    (free,) = [plan for plan in free if plan.code == "free"]
    saving.subscribe(0, date(2026, 3, 22), plan_id=free.id)
    record_home(saving)

    ((line,),) = [draft.lines for draft in saving.preview(MARCH, now=NOW).drafts]

    # Before the change of taxes: 54.24 - 49.28 EUR of the bill made by hand.
    assert line.line.quantity == Decimal("4.96")
    assert line.source["savings"][0]["days"] == ["2026-03-01", "2026-03-22"]


def test_without_a_contract_nothing_is_charged(saving):
    saving.subscribe(0, NEW_YEAR)
    preview = saving.preview(MARCH, now=NOW)
    (missing,) = preview.missing
    assert (missing.kind, missing.subject, missing.since) == (
        MissingKind.NO_SAVINGS,
        saving.stored.points[0].cups,
        MARCH.start,
    )
    assert str(missing).endswith(
        "(its contract is not known): record its retail contract, and what its bills are made from"
    )
    assert preview.drafts == ()


def test_a_bill_that_cannot_be_made_says_why(saving):
    saving.subscribe(0, NEW_YEAR)
    followed = HOME | {"energy": {"follows": "day-ahead"}}
    with write_session(saving.engine) as session:
        record_contracts(
            session,
            promoter_id=saving.owner,
            cups=[saving.stored.points[0].cups],
            contracts=contracts_of(followed),
            valid_from=NEW_YEAR,
            now=NOW,
        )
    (missing,) = saving.preview(MARCH, now=NOW).missing
    assert missing.kind is MissingKind.NO_SAVINGS
    assert "day-ahead" in missing.because
