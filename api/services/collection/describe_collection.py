"""What is owed and paid as documents for programs: plain values, amounts as text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from api.services.collection.balances import AccountBalance
from api.services.collection.bank_report import BankFileReport, MovementKind
from api.services.collection.list_payments import GoneMoney
from api.services.collection.named_members import NamedMember
from api.services.collection.open_items import OpenItem
from models.tables import Instalment, Payment
from models.values.money import from_cents


def describe_open_items(
    items: Iterable[OpenItem], members: Mapping[UUID, NamedMember]
) -> list[dict[str, Any]]:
    """Describe what is owed.

    Parameters
    ----------
    items : iterable of OpenItem
        What is owed.
    members : mapping of UUID to NamedMember
        Who owes it.

    Returns
    -------
    list of dict
        In the same order.
    """
    return [
        {
            "invoice": item.number,
            "member": members[item.member_id].code,
            "name": members[item.member_id].name,
            "due_on": item.due_on.isoformat(),
            "instalment": item.instalment,
            "open_eur": str(item.open_eur),
            "returned_count": item.returned_count,
        }
        for item in items
    ]


def describe_payments(
    payments: Iterable[Payment],
    members: Mapping[UUID, NamedMember],
    gone: Mapping[UUID, GoneMoney],
) -> list[dict[str, Any]]:
    """Describe payments, accounts masked.

    Parameters
    ----------
    payments : iterable of Payment
        What came in.
    members : mapping of UUID to NamedMember
        Who paid.
    gone : mapping of UUID to GoneMoney
        What of it went back, by payment.

    Returns
    -------
    list of dict
        In the same order.
    """
    return [
        _describe_payment(
            each,
            members[each.member_id] if each.member_id else None,
            gone.get(each.id, GoneMoney()),
        )
        for each in payments
    ]


def describe_accounts(balances: Iterable[AccountBalance]) -> list[dict[str, str]]:
    """Describe a trial balance.

    Parameters
    ----------
    balances : iterable of AccountBalance
        Every account.

    Returns
    -------
    list of dict
        In the same order.
    """
    return [
        {
            "account": each.account.value,
            "debit_eur": str(each.debit_eur),
            "credit_eur": str(each.credit_eur),
            "balance_eur": str(each.balance_eur),
        }
        for each in balances
    ]


def describe_bank_file(
    report: BankFileReport, members: Mapping[UUID, NamedMember]
) -> dict[str, Any]:
    """Describe what became of a bank's file.

    Parameters
    ----------
    report : BankFileReport
        What it told.
    members : mapping of UUID to NamedMember
        Who paid, and who is suggested.

    Returns
    -------
    dict
        Counts, sums of what was booked and what was not, and every movement.
    """
    booked = [kind for kind in MovementKind if kind.is_booked]
    return {
        "sums": {
            "booked_eur": str(report.sum_of(*booked)),
            "unassigned_eur": str(report.sum_of(MovementKind.UNKNOWN)),
            "known_eur": str(report.sum_of(MovementKind.KNOWN)),
            "not_booked_eur": str(report.sum_of(MovementKind.NOT_BOOKED)),
        },
        "counts": {kind.value: count for kind, count in report.counts.items()},
        "pending_count": report.pending_count,
        "movements": [
            {
                "kind": each.kind.value,
                "booked_on": each.booked_on.isoformat(),
                "amount_eur": str(each.amount_eur),
                "text": each.text,
                "payer": each.payer,
                "payments": [str(key) for key in each.payment_ids],
                "members": [members[key].code for key in each.member_ids],
                "invoices": [invoice.number for invoice in each.invoices],
                "unmatched_because": each.because and each.because.value,
                "suggested_member": members[each.suggestion.member_id].code
                if each.suggestion
                else None,
                "suggested_name": members[each.suggestion.member_id].name
                if each.suggestion
                else None,
                "next_step": each.next_step.value if each.next_step else None,
            }
            for each in report.movements
        ],
    }


def describe_instalments(instalments: Sequence[Instalment]) -> list[dict[str, Any]]:
    """Describe what was agreed.

    Parameters
    ----------
    instalments : sequence of Instalment
        By day.

    Returns
    -------
    list of dict
        In the same order.
    """
    return [
        {
            "position": each.position,
            "due_on": each.due_on.isoformat(),
            "amount_eur": str(from_cents(each.amount_cents)),
        }
        for each in instalments
    ]


def _describe_payment(
    payment: Payment, member: NamedMember | None, gone: GoneMoney
) -> dict[str, Any]:
    return {
        "id": str(payment.id),
        "received_on": payment.received_on.isoformat(),
        "amount_eur": str(from_cents(payment.amount_cents)),
        "kept_eur": str(from_cents(payment.amount_cents - gone.cents)),
        "returned_on": gone.returned_on and gone.returned_on.isoformat(),
        "method": payment.method.value,
        "member": member and member.code,
        "name": member and member.name,
        "payer": payment.payer_name,
        "account": payment.masked_payer_iban,
        "reference": payment.reference,
    }
