"""Mandates: recorded once, ended for good, and collected with only as the rules let."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlmodel import col

from api.services.collection.mandate_life import MandateState
from api.services.collection.mandate_records import read_histories
from api.services.collection.record_mandates import (
    AccountWish,
    EndedMandateError,
    MandateExistsError,
    SameAccountError,
    UnfitMandateError,
    UnknownMandateError,
    change_account,
    revoke_mandate,
)
from api.services.collection.set_creditor_account import (
    CreditorAccountWish,
    UnfitCreditorError,
    set_creditor_account,
)
from api.services.invoices.payment_plans import UnknownIssuerError
from api.services.invoices.record_parties import UnknownMemberError
from models.session import write_session
from models.tables import CreditorAccount, Mandate, MandateAccount
from models.values.creditor_id import CreditorId
from models.values.direct_debits import (
    DebitOutcome,
    MandateEnd,
    MandateKind,
    PainVersion,
)
from models.values.iban import Iban
from models.values.sepa_reference import SepaReference
from tests.support.direct_debits import (
    NOW,
    SIGNED,
    account_of,
    add_collector,
    collector,
    set_creditor,
)
from tests.support.keyrings import KEYRING
from tests.support.sepa_messages import CREDITOR_ID, IBAN

__all__ = ["collector"]

GB = Iban("GB82WEST12345698765432")


def judge(collector, mandate, day):
    histories = collector.books.ask(read_histories, mandates=[mandate])
    state, account = histories[mandate.id].judge(day)
    return state, account and account.position


def test_a_mandate_is_usable_21_days_after_it_was_recorded(collector):
    mandate = collector.sign(0)
    assert len(mandate.reference) <= 35
    assert mandate.reference == SepaReference(mandate.reference)
    (account,) = collector.books.billed.rows(MandateAccount)
    assert (account.recorded_on, account.usable_from) == (date(2023, 11, 1), date(2023, 11, 22))
    assert judge(collector, mandate, date(2023, 11, 21)) == (MandateState.TOO_NEW, None)
    assert judge(collector, mandate, date(2023, 11, 22)) == (MandateState.USABLE, 0)


def test_a_mandate_that_was_used_elsewhere_is_usable_at_once(collector):
    mandate = collector.sign(0, signed_on=date(2019, 5, 1), last_used_on=date(2023, 10, 5))
    assert judge(collector, mandate, date(2023, 11, 1)) == (MandateState.USABLE, 0)


@pytest.mark.parametrize(
    ("more", "last_day"),
    [
        ({"signed_on": date(2021, 3, 1)}, date(2024, 3, 1)),
        ({"signed_on": date(2020, 11, 30)}, date(2023, 11, 30)),
        ({"signed_on": date(2020, 1, 1), "last_used_on": date(2022, 2, 28)}, date(2025, 2, 28)),
    ],
)
def test_a_mandate_lapses_after_36_months_without_use(collector, more, last_day):
    mandate = collector.sign(0, **more)
    assert judge(collector, mandate, last_day) == (MandateState.USABLE, 0)
    after = date.fromordinal(last_day.toordinal() + 1)
    assert judge(collector, mandate, after) == (MandateState.LAPSED, None)


def test_use_puts_off_the_lapse_even_if_it_was_rejected(collector):
    mandate = collector.sign(0, signed_on=date(2021, 1, 15))
    collector.collect()
    collector.tell(collector.debit_of(0), DebitOutcome.REJECTED, "AM04")
    assert judge(collector, mandate, date(2026, 12, 27)) == (MandateState.USABLE, 0)
    assert judge(collector, mandate, date(2026, 12, 28)) == (MandateState.LAPSED, None)


def test_a_member_has_one_living_mandate_of_an_issuer(collector):
    first = collector.sign(0, reference=SepaReference("M-1"))
    with pytest.raises(MandateExistsError, match="M-1 already") as caught:
        collector.sign(0)
    assert caught.value.reference == "M-1"
    collector.revoke(first, date(2023, 12, 1))
    second = collector.sign(0)
    assert second.id != first.id
    with pytest.raises(MandateExistsError):
        collector.sign(1, reference=SepaReference("M-1"))


def test_a_new_mandate_ends_one_that_lapsed(collector):
    collector.sign(0, signed_on=date(2020, 6, 30), now=SIGNED)
    collector.sign(0, signed_on=date(2023, 11, 1))
    ended, living = sorted(
        collector.books.billed.rows(Mandate), key=lambda mandate: mandate.signed_on
    )
    assert (ended.ended_on, ended.ended_because) == (date(2023, 7, 1), MandateEnd.LAPSED)
    assert living.ended_on is None


def test_a_new_mandate_ends_one_that_is_spent(collector):
    collector.sign(0, kind=MandateKind.ONE_OFF)
    collector.collect()
    collector.sign(0, now=NOW)
    (ended,) = [each for each in collector.books.billed.rows(Mandate) if each.ended_on]
    assert (ended.ended_on, ended.ended_because) == (date(2023, 12, 5), MandateEnd.SPENT)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"signed_on": date(2023, 11, 2)}, "signed_on"),
        ({"signed_on": date(2001, 12, 31)}, "signed_on"),
        ({"last_used_on": date(2023, 11, 2)}, "last_used_on"),
        ({"last_used_on": date(2023, 10, 31)}, "last_used_on"),
    ],
)
def test_days_that_cannot_be(collector, more, field):
    with pytest.raises(UnfitMandateError) as caught:
        collector.sign(0, **more)
    assert caught.value.field == field
    assert collector.books.billed.rows(Mandate) == []


def test_accounts_that_cannot_be():
    with pytest.raises(UnfitMandateError, match="holder"):
        AccountWish(" ", account_of(1))
    with pytest.raises(UnfitMandateError, match="holder"):
        AccountWish("x" * 71, account_of(1))
    with pytest.raises(UnfitMandateError, match="holder"):
        AccountWish("李", account_of(1))
    with pytest.raises(UnfitMandateError, match="GB…5432 is outside"):
        AccountWish("Ana", GB)


def test_strangers_are_unknown(collector):
    books = collector.books
    with pytest.raises(UnknownMandateError):
        books.do(revoke_mandate, mandate_id=uuid4(), revoked_on=date(2023, 12, 1), now=NOW)
    wish = {"account": AccountWish("Ana", account_of(1)), "closes_previous": False}
    with pytest.raises(UnknownMandateError):
        books.do(change_account, mandate_id=uuid4(), keyring=KEYRING, now=NOW, **wish)
    with pytest.raises(UnknownIssuerError):
        set_creditor(type(books)(books.billed, uuid4(), books.invoices))
    with pytest.raises(UnknownMemberError):
        collector.sign(0, member_id=uuid4())
    with pytest.raises(UnknownIssuerError):
        collector.sign(0, issuer_id=uuid4())


def test_a_revoked_mandate_names_what_the_bank_has_already(collector):
    mandate = collector.sign(0)
    collector.collect()
    revoked = collector.revoke(mandate, date(2023, 12, 10))
    assert [each.debit.id for each in revoked.underway] == [collector.debit_of(0).id]
    assert (revoked.mandate.ended_on, revoked.mandate.ended_because) == (
        date(2023, 12, 10),
        MandateEnd.REVOKED,
    )
    with pytest.raises(EndedMandateError, match="ended on 2023-12-10"):
        collector.revoke(mandate, date(2023, 12, 11))
    with pytest.raises(EndedMandateError):
        collector.move(mandate, 7)


def test_a_mandate_that_ends_later_lives_until_then(collector):
    mandate = collector.sign(0)
    collector.revoke(mandate, date(2023, 12, 27))
    assert judge(collector, mandate_now(collector), date(2023, 12, 26)) == (MandateState.USABLE, 0)
    assert judge(collector, mandate_now(collector), date(2023, 12, 27)) == (
        MandateState.ENDED,
        None,
    )


def mandate_now(collector):
    return collector.books.billed.rows(Mandate)[0]


@pytest.mark.parametrize("day", [date(2023, 10, 31), date(2024, 12, 5)])
def test_a_day_on_which_nothing_is_revoked(collector, day):
    mandate = collector.sign(0)
    with pytest.raises(UnfitMandateError, match="revoked_on"):
        collector.revoke(mandate, day)


def test_the_old_account_is_debited_until_the_new_one_is_21_days_old(collector):
    mandate = collector.sign(0)
    changed = collector.move(mandate, 7)
    assert (changed.position, changed.usable_from) == (1, date(2023, 12, 26))
    assert judge(collector, mandate, date(2023, 12, 25)) == (MandateState.USABLE, 0)
    assert judge(collector, mandate, date(2023, 12, 26)) == (MandateState.USABLE, 1)
    with pytest.raises(SameAccountError):
        collector.move(mandate, 7)


def test_an_old_account_that_is_closed_is_not_debited(collector):
    mandate = collector.sign(0)
    collector.move(mandate, 7, closes_previous=True)
    assert judge(collector, mandate, date(2023, 12, 25)) == (MandateState.TOO_NEW, None)
    assert judge(collector, mandate, date(2023, 12, 26)) == (MandateState.USABLE, 1)


def test_an_account_that_the_bank_refuses_waits_for_another(collector):
    mandate = collector.sign(0)
    collector.collect()
    collector.tell(collector.debit_of(0), DebitOutcome.REJECTED, "AC04")
    day = date(2024, 1, 10)
    assert judge(collector, mandate, day) == (MandateState.ACCOUNT_UNUSABLE, None)
    collector.move(mandate, 7, now=datetime(2023, 12, 28, tzinfo=UTC))
    assert judge(collector, mandate, day) == (MandateState.TOO_NEW, None)
    assert judge(collector, mandate, date(2024, 1, 18)) == (MandateState.USABLE, 1)


@pytest.mark.parametrize(
    ("outcome", "code", "ends"),
    [
        (DebitOutcome.RETURNED, "MD01", True),
        (DebitOutcome.REJECTED, "MD07", True),
        (DebitOutcome.RETURNED, "AM04", False),
        (DebitOutcome.RETURNED, "AC04", False),
        (DebitOutcome.ACCEPTED, "MD01", False),
        (DebitOutcome.RETURNED, None, False),
    ],
)
def test_some_codes_end_the_mandate(collector, outcome, code, ends):
    collector.sign(0)
    collector.collect()
    assert collector.tell(collector.debit_of(0), outcome, code)
    assert not collector.tell(collector.debit_of(0), outcome, code)
    mandate = mandate_now(collector)
    expected = (date(2023, 12, 5), MandateEnd.RETURNED, code) if ends else (None, None, None)
    assert (mandate.ended_on, mandate.ended_because, mandate.ended_code) == expected


def test_a_mandate_that_was_revoked_stays_so(collector):
    mandate = collector.sign(0)
    collector.collect()
    collector.revoke(mandate, date(2023, 12, 10))
    collector.tell(collector.debit_of(0), DebitOutcome.RETURNED, "MD01")
    assert mandate_now(collector).ended_because is MandateEnd.REVOKED


def test_the_creditor_account_is_set_anew(engine, promoter):
    collector = add_collector(engine, promoter, n_members=1)
    set_creditor(collector.books, bic="CAIXESBBXXX", notice_days=5, pain_version=PainVersion.V02)
    first, account = collector.books.billed.rows(CreditorAccount, col(CreditorAccount.position))
    assert (first.position, first.notice_days, account.position) == (0, 14, 1)
    assert (account.notice_days, account.bic, account.pain_version) == (
        5,
        "CAIXESBBXXX",
        PainVersion.V02,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"iban": GB},
        {"bic": "CAIX"},
        {"pain_version": PainVersion.V02},
        {"notice_days": 0},
        {"notice_days": 61},
        {"lead_days": 0},
        {"lead_days": 11},
    ],
)
def test_creditor_accounts_that_cannot_be(change):
    with pytest.raises(UnfitCreditorError, match="an account to collect with"):
        CreditorAccountWish(**{"creditor_id": CreditorId(CREDITOR_ID), "iban": Iban(IBAN)} | change)


def test_another_promoter_sees_no_mandate(collector, other_promoter):
    mandate = collector.sign(0)
    with (
        pytest.raises(UnknownMandateError),
        write_session(collector.books.engine) as session,
    ):
        revoke_mandate(
            session,
            promoter_id=other_promoter.id,
            mandate_id=mandate.id,
            revoked_on=date(2023, 12, 1),
            now=NOW,
        )
    with pytest.raises(UnknownIssuerError), write_session(collector.books.engine) as session:
        set_creditor_account(
            session,
            promoter_id=other_promoter.id,
            issuer_id=collector.books.issuer_id,
            wish=CreditorAccountWish(CreditorId(CREDITOR_ID), Iban(IBAN)),
            keyring=KEYRING,
        )
