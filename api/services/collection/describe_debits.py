"""Describe mandates and runs of debits as plain values, accounts masked."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.collection.import_debit_statuses import DebitStatusImport
from api.services.collection.mandate_life import MandateHistory
from api.services.collection.named_members import NamedMember, map_named_members
from api.services.collection.open_items import OpenItem
from api.services.collection.prepare_debits import DebitPreview
from loaders.sepa.return_reasons import find_return_reason
from models.repositories.debits import KnownDebit
from models.repositories.invoice_lists import map_issued
from models.tables import CreditorAccount
from models.values.money import from_cents


def describe_creditor(account: CreditorAccount) -> dict[str, Any]:
    """Describe with what an issuer collects, its account masked.

    Parameters
    ----------
    account : CreditorAccount
        As it is stored.

    Returns
    -------
    dict of str to Any
    """
    return {
        "creditor_id": account.creditor_id,
        "account": account.masked_iban,
        "bic": account.bic,
        "notice_days": account.notice_days,
        "lead_days": account.lead_days,
        "pain_version": account.pain_version.value,
    }


def describe_known_debits(
    session: Session, *, promoter_id: UUID, debits: Iterable[KnownDebit]
) -> list[dict[str, Any]]:
    """Describe debits that went out, and what to do about those that failed.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    debits : iterable of KnownDebit
        Which.

    Returns
    -------
    list of dict of str to Any
        In the same order; three queries for all invoices and members.
    """
    known = list(debits)
    keys = {each.debit.invoice_id for each in known}
    invoices = map_issued(session, promoter_id=promoter_id, invoice_ids=keys)
    members = map_named_members(
        session, promoter_id=promoter_id, member_ids=[each.debit.member_id for each in known]
    )
    return [
        {
            "invoice": invoices[each.debit.invoice_id].full_number,
            "member": members[each.debit.member_id].code,
            "name": members[each.debit.member_id].name,
            "collect_on": each.debit.collect_on.isoformat(),
            "amount_eur": str(from_cents(each.debit.amount_cents)),
            "end_to_end_id": each.debit.end_to_end_id,
            "code": each.code,
            "next_step": find_return_reason(each.code).next_step.value if each.code else None,
        }
        for each in known
    ]


def describe_statuses(
    session: Session, *, promoter_id: UUID, told: DebitStatusImport
) -> dict[str, Any]:
    """Describe what a bank's report said of a file of debits.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    told : DebitStatusImport
        What was taken in.

    Returns
    -------
    dict of str to Any
        Counts by outcome, and every rejected debit.
    """
    rejected = describe_known_debits(session, promoter_id=promoter_id, debits=told.rejected)
    return {
        "message_id": told.run.message_id,
        "counts": {outcome.value: count for outcome, count in told.outcomes.items()},
        "news_count": told.news_count,
        "rejected": rejected,
        "strangers": list(told.strangers),
    }


def describe_preview(
    session: Session, *, promoter_id: UUID, preview: DebitPreview
) -> list[dict[str, Any]]:
    """Describe what a run would collect, and what not.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    preview : DebitPreview
        The preview.

    Returns
    -------
    list of dict of str to Any
        One for each item that is due; ``left_because`` is None where it is collected.
    """
    items = [each.item for each in preview.collected] + [each.item for each in preview.left]
    members = map_named_members(
        session, promoter_id=promoter_id, member_ids=[item.member_id for item in items]
    )
    collected = [
        _describe_due(each.item, members)
        | {
            "collect_on": each.collect_on.isoformat(),
            "sequence": each.sequence.value,
            "mandate": each.mandate.reference,
            "left_because": None,
            "code": None,
        }
        for each in preview.collected
    ]
    left = [
        _describe_due(each.item, members)
        | {
            "collect_on": None,
            "sequence": None,
            "mandate": None,
            "left_because": each.because.value,
            "code": each.code,
        }
        for each in preview.left
    ]
    return collected + left


def describe_mandates(
    histories: Iterable[MandateHistory], members: Mapping[UUID, NamedMember]
) -> list[dict[str, Any]]:
    """Describe mandates.

    Parameters
    ----------
    histories : iterable of MandateHistory
        Which.
    members : mapping of UUID to NamedMember
        Who signed them.

    Returns
    -------
    list of dict of str to Any
        In their order.
    """
    return [
        {
            "member": members[each.mandate.member_id].code,
            "name": members[each.mandate.member_id].name,
            "reference": each.mandate.reference,
            "kind": each.mandate.kind.value,
            "signed_on": each.mandate.signed_on.isoformat(),
            "account": each.accounts[0].masked_iban,
            "usable_from": each.accounts[0].usable_from.isoformat(),
            "lapses_on": each.lapses_on.isoformat(),
            "ended_on": each.mandate.ended_on and each.mandate.ended_on.isoformat(),
            "ended_because": each.mandate.ended_because and each.mandate.ended_because.value,
        }
        for each in histories
    ]


def _describe_due(item: OpenItem, members: Mapping[UUID, NamedMember]) -> dict[str, Any]:
    return {
        "invoice": item.number,
        "member": members[item.member_id].code,
        "name": members[item.member_id].name,
        "due_on": item.due_on.isoformat(),
        "open_eur": str(item.open_eur),
    }
