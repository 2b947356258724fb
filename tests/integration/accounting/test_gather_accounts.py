"""Accounts: every sum is that of the invoices and of the books, to the cent."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text

from api.services.accounting.accounts_wish import (
    AccountsWish,
    NobodysAccountsError,
    OpenPeriodError,
)
from api.services.accounting.gather_accounts import gather_accounts
from api.services.communities.find_community import UnknownCommunityError
from api.services.invoices.payment_plans import UnknownIssuerError
from models.session import read_session
from models.values.money import from_cents
from models.values.period import Period
from tests.support.accounts import AUTUMN, TODAY, fill_books, gathered, read_rows
from tests.support.databases import DatabaseKind, acting_for_all, add_promoter, opened
from tests.support.ledger import Books, open_books
from tests.support.queries import count_queries

D = Decimal
CHARGED = """SELECT COALESCE(SUM(CASE WHEN debit = :account THEN amount_cents ELSE 0 END), 0)
  - COALESCE(SUM(CASE WHEN credit = :account THEN amount_cents ELSE 0 END), 0)
  FROM ledger_entry"""
STATED = "SELECT SUM(net_cents), SUM(tax_cents), SUM(total_cents) FROM invoice"
LINES = "SELECT COUNT(*), SUM(net_cents) FROM invoice_line"
CAME_IN = """SELECT (SELECT SUM(amount_cents) FROM payment)
  - (SELECT SUM(amount_cents) FROM payment JOIN payment_return
     ON payment_return.payment_id = payment.id)
  - (SELECT SUM(amount_cents) FROM payment_refund)"""


def ask(engine, statement, **values):
    with acting_for_all(engine) as connection:
        return [int(cents) for cents in connection.execute(text(statement), values).one()]


def total(accounts, name, key):
    return sum((row[0] for row in read_rows(accounts, name, key) if row[0] is not None), D(0))


@pytest.fixture(scope="module")
def books(databases) -> Iterator[Books]:
    """Fill books once for the tests that only read."""
    server = databases.server(DatabaseKind.SQLITE)
    url = server.copy(databases.migrated(DatabaseKind.SQLITE))
    with opened(url) as engine:
        yield fill_books(engine, add_promoter(engine, "Promoter A"))
    server.drop(url)


def test_every_sum_is_that_of_the_invoices_and_of_the_books(engine, promoter):
    filled = fill_books(engine, promoter)

    def balance(account):
        return from_cents(ask(engine, CHARGED, account=account)[0])

    net, tax, whole = map(from_cents, ask(engine, STATED))
    n_lines, lines = ask(engine, LINES)
    with gathered(filled) as accounts:
        assert total(accounts, "invoices", "base_eur") == net
        assert total(accounts, "invoices", "quota_eur") == tax
        assert total(accounts, "invoices", "total_eur") == whole
        assert len(read_rows(accounts, "lines")) == n_lines
        assert total(accounts, "lines", "base_eur") == from_cents(lines)
        for book in ("vat_book", "vat_totals"):
            assert total(accounts, book, "base_eur") == -balance("revenue") == D("23.00")
            assert total(accounts, book, "quota_eur") == -balance("output-tax") == D("3.57")
        assert total(accounts, "invoices", "counted_eur") == D("26.57")
        assert total(accounts, "payments", "amount_eur") == from_cents(ask(engine, CAME_IN)[0])
        charges = total(accounts, "payments", "charge_eur")
        assert charges == balance("bank-charges") == D("1.21")
        assert total(accounts, "payments", "amount_eur") - charges == balance("bank")
        assert total(accounts, "ageing", "open_eur") == balance("receivable") == D("9.63")
        assert total(accounts, "ageing_totals", "open_eur") == D("9.63")
        closing = dict(read_rows(accounts, "trial_balance", "account", "closing_eur"))
        assert closing == {account: balance(account) for account in closing}
        assert sum(closing.values()) == 0


def test_the_trial_balance_is_that_of_the_entries(books):
    with gathered(books) as accounts:
        debits, credits_ = Counter(), Counter()
        for debit, credit, cents in read_rows(accounts, "ledger", "debit", "credit", "amount_eur"):
            debits[debit] += cents
            credits_[credit] += cents
        for row in read_rows(accounts, "trial_balance"):
            assert row == (row[0], 0, debits[row[0]], credits_[row[0]], row[2] - row[3])


def test_what_was_before_the_days_opens_the_accounts(books):
    with gathered(books, period=Period(date(2023, 12, 19), date(2024, 1, 1))) as accounts:
        rows = {row[0]: row[1:] for row in read_rows(accounts, "trial_balance")}
        assert rows["revenue"] == (D("-40.00"), D("19.00"), D("2.00"), D("-23.00"))
        assert [row[0] for row in read_rows(accounts, "payments", "movement")] == ["refund"]
        assert {row[0] for row in read_rows(accounts, "invoices", "series")} == {"R"}


def test_a_substitution_counts_for_what_it_changes_and_a_cancelled_invoice_for_nothing(books):
    counted = {
        "2023-000001": (D("12.10"), D("12.10"), None),
        "2023-000002": (D("12.10"), D("12.10"), None),
        "2023-000003": (D("12.10"), D("0.00"), date(2023, 12, 20)),
        "2023-000004": (D("12.10"), D("12.10"), None),
        "R-000001": (D("8.47"), D("-3.63"), None),
        "R-000002": (D("1.16"), D("1.16"), None),
        "R-000003": (D("-7.26"), D("-7.26"), None),
    }
    keys = ("number", "total_eur", "counted_eur", "cancelled_on")
    with gathered(books) as accounts:
        rows = read_rows(accounts, "invoices", *keys)
        assert {number: tuple(rest) for number, *rest in rows} == counted


def test_the_vat_book_states_each_rate_as_the_agency_wants_it(books):
    keys = ("number", "kind", "operation_on", "operation_key", "qualification", "base_eur")
    with gathered(books) as accounts:
        rows = read_rows(accounts, "vat_book", *keys, "tax_percent", "quota_eur", "rectifies")
        numbers = [row[0] for row in rows if row[0].startswith("2023-")]
        assert numbers == [f"2023-00000{number}" for number in (1, 2, 3, 4)]
        keys = ("total_eur", "base_eur", "quota_eur", "cancelled_on")
        cancelled = read_rows(accounts, "vat_book", *keys)[2]
        assert cancelled == (D("0.00"), D("0.00"), D("0.00"), date(2023, 12, 20))
        assert [row for row in rows if row[0].startswith("R-00000")][:3] == [
            ("R-000001", "R4", date(2023, 10, 31), "01", "S1", D("-3.00"), D(21), D("-0.63"),
             "2023-000001"),
            ("R-000002", "R4", date(2023, 10, 31), "01", "S1", D("9.00"), D(7), D("0.63"),
             "R-000001"),
            ("R-000002", "R4", date(2023, 10, 31), "01", "S1", D("-7.00"), D(21), D("-1.47"),
             "R-000001"),
        ]  # fmt: skip
        assert read_rows(accounts, "vat_totals") == [
            ("igic", D(7), None, 1, D("9.00"), D("0.63")),
            ("iva", D(21), None, 6, D("14.00"), D("2.94")),
        ]


def test_what_is_open_is_aged_as_of_the_last_day_or_of_today(books):
    keys = ("member", "number", "days_late", "late_30_eur", "late_60_eur")
    row = ("M1", "2023-000001")
    with gathered(books) as accounts:
        assert accounts.aged_on == date(2023, 12, 31)
        assert read_rows(accounts, "ageing", *keys) == [(*row, 6, D("9.63"), None)]
    with gathered(books, period=Period(date(2023, 10, 1), date(2030, 1, 1))) as accounts:
        assert accounts.aged_on == TODAY
        assert read_rows(accounts, "ageing", *keys) == [(*row, 57, None, D("9.63"))]


def test_money_of_nobody_is_in_the_books_of_the_issuer_only(books):
    community = books.billed.stored.community
    with gathered(books) as accounts:
        assert accounts.community is None
        members = [row[0] for row in read_rows(accounts, "payments", "member")]
        assert Counter(members) == {"M4": 3, "M2": 2, None: 1}
    with gathered(books, issuer_id=None, community_id=community.id) as accounts:
        assert accounts.community == community.name
        assert accounts.issuers == ["F12345674 Comunitat de la Vall, SCCL"]
        assert None not in {row[0] for row in read_rows(accounts, "payments", "member")}
        closing = dict(read_rows(accounts, "trial_balance", "account", "closing_eur"))
        assert (closing["unknown-receipts"], sum(closing.values())) == (0, 0)


def test_accounts_are_masked_and_movements_go_by_day(books):
    with gathered(books) as accounts:
        rows = read_rows(accounts, "payments", "day", "movement", "name", "account_number")
        assert ("payment", "=1+1", "ES…1332") in {row[1:] for row in rows}
        assert [row[0] for row in rows] == sorted(row[0] for row in rows)
        assert [row[1] for row in rows] == ["payment"] * 4 + ["return", "refund"]


def test_days_on_which_nothing_happened(books):
    with gathered(books, period=Period(date(2020, 1, 1), date(2020, 2, 1))) as accounts:
        assert [row for table in accounts.tables for row in table.read_rows()] == []
        assert read_rows(accounts, "vat_totals") == []
        assert {value for row in read_rows(accounts, "trial_balance") for value in row[1:]} == {0}


def test_nobody_reads_the_accounts_of_another_tenant(books):
    stranger = add_promoter(books.engine, "Stranger").id
    place = books.billed.stored.community.id
    wishes = {
        UnknownCommunityError: AccountsWish(AUTUMN, community_id=place),
        UnknownIssuerError: AccountsWish(AUTUMN, issuer_id=books.issuer_id),
    }
    with read_session(books.engine) as session:
        for error, wish in wishes.items():
            with pytest.raises(error):
                gather_accounts(session, promoter_id=stranger, wish=wish, today=TODAY)


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        (AccountsWish(AUTUMN), NobodysAccountsError),
        (AccountsWish(Period(AUTUMN.start), issuer_id=uuid4()), OpenPeriodError),
    ],
    ids=["nobody's", "without an end"],
)
def test_wishes_that_name_too_little(books, wish, error):
    with read_session(books.engine) as session, pytest.raises(error):
        gather_accounts(session, promoter_id=books.owner, wish=wish, today=TODAY)


@pytest.mark.parametrize("n_members", [1, 20])
def test_the_number_of_queries_does_not_grow(databases, n_members):
    server = databases.server(DatabaseKind.SQLITE)
    with opened(server.copy(databases.migrated(DatabaseKind.SQLITE))) as engine:
        many = open_books(engine, add_promoter(engine, "P"), n_members=n_members)
        with count_queries(engine) as statements, gathered(many) as accounts:
            for table in (*accounts.tables, *accounts.summaries):
                list(table.read_rows())
    assert len(statements) == 15
