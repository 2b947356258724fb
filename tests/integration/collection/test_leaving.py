"""Members that leave, and supply points that go to another holder."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlmodel import col

from api.services.collection.change_holder import (
    HolderDayError,
    HolderWish,
    PlanGoesOnError,
    SameHolderError,
    StandingDebtError,
    change_holder,
)
from api.services.collection.last_days import BilledAheadError, UnbilledDaysError
from api.services.collection.settle_member import (
    DaysToComeError,
    StillSubscribedError,
    UnchargedFeeError,
    settle_member,
)
from api.services.communities.find_points import UnknownCupsError
from api.services.invoices.cancel_invoice import cancel_invoice
from api.services.invoices.rectify_invoice import (
    NothingToRectifyError,
    RectificationWish,
    rectify_invoice,
)
from api.services.invoices.subscriptions import end_subscription
from loaders.invoice_checks import UnfitInvoiceError
from loaders.invoice_record import CorrectionReason
from models.session import write_session
from models.tables import (
    FinalSettlement,
    HolderChange,
    Invoice,
    InvoiceIssuer,
    Member,
    PlanSubscription,
)
from models.values.invoicing import BillingBasis, Rectification
from models.values.period import Period
from tests.support.billing import OCTOBER, add_billed_community, term
from tests.support.community_folders import make_cups
from tests.support.databases import on_sqlite
from tests.support.invoices import SYSTEM
from tests.support.ledger import FEE_CENTS, Books, books

__all__ = ["books"]

pytestmark = on_sqlite

NOVEMBER = date(2023, 11, 1)
WHOLE_YEAR = Period(date(2023, 1, 1), date(2023, 10, 1))
LATER = datetime(2024, 1, 10, 9, tzinfo=UTC)


def cups_of(books: Books) -> str:
    return books.billed.stored.points[0].cups


def bill_all(books: Books) -> None:
    """Bill the months before October, so that all days before November are billed."""
    books.billed.issue("before", period=WHOLE_YEAR)


def end(books: Books, until: date) -> None:
    point = books.billed.stored.points[0]
    rows = books.billed.rows(PlanSubscription)
    (row,) = [each for each in rows if each.supply_point_id == point.id]
    with write_session(books.engine) as session:
        end_subscription(
            session, promoter_id=books.owner, subscription_id=row.id, valid_until=until
        )


def settle(books: Books, left_on: date = NOVEMBER, now: datetime = LATER) -> list[FinalSettlement]:
    return books.do(settle_member, cups=cups_of(books), left_on=left_on, now=now)


def hand_on(books: Books, code: str = "M9", *, subrogated: bool = True, day: date = NOVEMBER):
    wish = HolderWish(cups_of(books), code, day, subrogated)
    return books.do(change_holder, wish=wish, now=LATER)


class TestLeaving:
    def test_money_is_set_against_debt_and_the_rest_is_told(self, books):
        bill_all(books)
        end(books, NOVEMBER)
        (settled,) = settle(books)
        # Ten fees of 10 EUR and their tax; nine of them on one invoice.
        assert (settled.owed_cents, settled.prepaid_cents) == (10 * FEE_CENTS, 0)
        assert settle(books) == [settled]

    def test_what_was_paid_too_much_is_to_be_refunded(self, books):
        bill_all(books)
        end(books, NOVEMBER)
        books.pay(0, cents=10 * FEE_CENTS + 500)
        (settled,) = settle(books)
        assert (settled.owed_cents, settled.prepaid_cents) == (0, 500)

    def test_all_days_are_billed_first(self, books):
        end(books, NOVEMBER)
        with pytest.raises(UnbilledDaysError) as caught:
            settle(books)
        assert caught.value.since == date(2023, 1, 1)

    def test_the_subscription_ends_first(self, books):
        bill_all(books)
        with pytest.raises(StillSubscribedError):
            settle(books)

    def test_nobody_has_left_before_the_day(self, books):
        with pytest.raises(DaysToComeError):
            settle(books, now=datetime(2023, 10, 31, 9, tzinfo=UTC))

    def test_days_billed_after_it_are_told(self, books):
        bill_all(books)
        with pytest.raises(BilledAheadError, match="up to 2023-11-01"):
            settle(books, date(2023, 10, 1))

    def test_somebody_elses_supply_point_is_unknown(self, books):
        with pytest.raises(UnknownCupsError):
            books.do(settle_member, cups=make_cups(99), left_on=NOVEMBER, now=LATER)


def test_the_rest_of_an_entry_fee_is_charged_after_the_last_month(engine, promoter):
    """100 EUR in six parts, five of them billed when the member leaves."""
    fee = term(BillingBasis.ENTRY_FEE, "100", instalments=6)
    billed = add_billed_community(
        engine, promoter, n_members=1, terms=(fee,), shares_energy=False, pays=False
    )
    billed.subscribe(0, since=date(2023, 3, 1))
    billed.pay(0)
    billed.issue("five", period=Period(date(2023, 3, 1), date(2023, 8, 1)))
    (issuer,) = billed.rows(InvoiceIssuer)
    books = Books(billed, issuer.id, tuple(billed.rows(Invoice)))
    end(books, date(2023, 8, 1))
    with pytest.raises(UnchargedFeeError) as caught:
        settle(books, date(2023, 8, 1))
    assert caught.value.n_parts == 1
    billed.issue("rest", period=Period(date(2023, 9, 1), date(2023, 10, 1)))
    billed.issue("nothing", period=OCTOBER)
    first, last = billed.rows(Invoice, col(Invoice.number))
    assert (first.net_cents, last.net_cents) == (8334, 1666)
    settle(books, date(2023, 8, 1))
    with pytest.raises(NothingToRectifyError):
        rectify_anew(books, last)
    with pytest.raises(NothingToRectifyError):
        rectify_anew(books, first)
    books.do(cancel_invoice, invoice_id=last.id, because="x", system=SYSTEM, now=LATER)
    (again,) = billed.preview().drafts
    assert [line.line.base_eur for line in again.lines] == [Decimal("16.66")]


def test_the_rest_of_an_entry_fee_is_the_old_holders(engine, promoter):
    fee = term(BillingBasis.ENTRY_FEE, "120", instalments=12)
    billed = add_billed_community(engine, promoter, n_members=2, terms=(fee,), shares_energy=False)
    billed.issue(period=Period(date(2023, 1, 1), NOVEMBER))
    (issuer,) = billed.rows(InvoiceIssuer)
    books = Books(billed, issuer.id, tuple(billed.rows(Invoice)))
    end(books, NOVEMBER)
    books.pay(0, cents=10 * FEE_CENTS)
    hand_on(books, "M2", subrogated=False)
    drafts = november(books).drafts
    assert [(each.member.code, each.total_eur) for each in drafts] == [
        ("M1", Decimal("24.20")),
        ("M2", Decimal("12.10")),
    ]


class TestHolders:
    def test_with_subrogation_the_plan_goes_on(self, books):
        bill_all(books)
        books.pay(0, cents=10 * FEE_CENTS)
        change = hand_on(books)
        (new,) = [row for row in books.billed.rows(Member) if row.code == "M9"]
        assert (change.from_member_id, change.to_member_id) == (books.member_id(0), new.id)
        assert change.is_subrogated
        kinds = {each.kind.value for each in november(books).missing}
        assert kinds == {"no_payer"}  # the new holder's payer is still to be told

    def test_the_new_holder_is_billed_from_its_day_on(self, books):
        bill_all(books)
        books.pay(0, cents=10 * FEE_CENTS)
        hand_on(books, "M2")  # who is a member already
        books.billed.issue("november", period=Period(NOVEMBER, date(2023, 12, 1)), now=LATER)
        rows = [row for row in books.billed.rows(Invoice) if row.period_start == NOVEMBER]
        assert sum(row.member_id == books.member_id(1) for row in rows) == 2
        assert sum(row.member_id == books.member_id(0) for row in rows) == 0

    def test_the_old_holder_is_billed_again_for_its_own_days(self, books):
        cancel, asked = handed_on_and_cancelled(books), {"cups": (cups_of(books),), "now": LATER}
        assert cancel.member_id == books.member_id(0)
        (draft,) = books.billed.preview(OCTOBER, **asked).drafts
        assert (draft.member.code, draft.payer.member_id) == ("M1", books.member_id(0))
        books.billed.issue("again", period=OCTOBER, **asked)
        again = books.billed.rows(Invoice, col(Invoice.issued_at), col(Invoice.number))[-1]
        assert again.member_id == books.member_id(0)
        assert again.parties["recipient"] == cancel.parties["recipient"]

    def test_each_holder_is_billed_for_its_part_of_a_period(self, books):
        handed_on_and_cancelled(books)
        both = Period(OCTOBER.start, date(2023, 12, 1))
        asked = {"cups": (cups_of(books),), "now": LATER}
        books.billed.issue("both", period=both, **asked)
        rows = [row for row in books.billed.rows(Invoice) if row.issued_at == LATER]
        assert {(row.member_id, row.period_start, row.period_end) for row in rows} == {
            (books.member_id(0), OCTOBER.start, NOVEMBER),
            (books.member_id(1), NOVEMBER, both.end),
        }
        assert [row.total_cents for row in rows] == [FEE_CENTS, FEE_CENTS]
        for row in rows:  # what is drafted anew is what was issued
            with pytest.raises(NothingToRectifyError):
                rectify_anew(books, row)

    def test_a_standing_debt_keeps_the_holder(self, books):
        bill_all(books)
        books.pay(0, cents=10 * FEE_CENTS - 1)
        with pytest.raises(StandingDebtError, match=r"owes 0\.01 EUR"):
            hand_on(books)
        assert books.billed.rows(HolderChange) == []
        assert "M9" not in {row.code for row in books.billed.rows(Member)}

    def test_unbilled_days_keep_the_holder(self, books):
        books.pay(0)
        with pytest.raises(UnbilledDaysError):
            hand_on(books)

    def test_without_subrogation_the_old_plan_ends(self, books):
        bill_all(books)
        books.pay(0, cents=10 * FEE_CENTS)
        with pytest.raises(PlanGoesOnError):
            hand_on(books, subrogated=False)
        end(books, NOVEMBER)
        assert not hand_on(books, subrogated=False).is_subrogated

    def test_the_same_holder_is_refused(self, books):
        with pytest.raises(SameHolderError):
            hand_on(books, books.billed.stored.members[0].code)

    def test_holders_change_on_the_first_of_a_month(self, books):
        with pytest.raises(HolderDayError):
            hand_on(books, day=date(2023, 11, 2))

    @pytest.mark.parametrize("code", ["", "x" * 101, "a\x00b"])
    def test_codes_of_members_are_plain(self, books, code):
        with pytest.raises(UnfitInvoiceError):
            hand_on(books, code)
        with pytest.raises(UnfitInvoiceError):
            HolderWish("c", "M9", NOVEMBER, True, kind=code)


def handed_on_and_cancelled(books: Books) -> Invoice:
    """Hand a supply point on to another member, then cancel the old one's October."""
    bill_all(books)
    books.pay(0, cents=10 * FEE_CENTS)
    hand_on(books, "M2")
    first = books.invoices[0]
    books.do(cancel_invoice, invoice_id=first.id, because="x", system=SYSTEM, now=LATER)
    return first


def rectify_anew(books: Books, invoice: Invoice) -> Invoice:
    """Rectify an invoice by what is known now."""
    wish = RectificationWish(
        invoice.id, Rectification.DIFFERENCE, "R", CorrectionReason.LINES, "anew"
    )
    return books.do(rectify_invoice, wish=wish, system=SYSTEM, now=LATER)


def november(books: Books):
    return books.billed.preview(Period(NOVEMBER, date(2023, 12, 1)), now=LATER)
