"""Describe mandates and runs of debits as plain values, accounts masked."""

from collections.abc import Iterable
from typing import Any

from api.services.collection.mandate_life import MandateHistory
from api.services.collection.prepare_debits import DebitPreview
from models.tables import Member
from models.values.iban import Iban


def describe_preview(preview: DebitPreview) -> list[dict[str, Any]]:
    """Describe what a run would collect, and what not.

    Parameters
    ----------
    preview : DebitPreview
        The preview.

    Returns
    -------
    list of dict of str to Any
        One for each item that is due; ``left_because`` is None where it is collected.
    """
    collected = [
        {
            "invoice": each.item.number,
            "due_on": each.item.due_on.isoformat(),
            "open_eur": str(each.item.open_eur),
            "collect_on": each.collect_on.isoformat(),
            "sequence": each.sequence.value,
            "mandate": each.mandate.reference,
            "left_because": None,
            "code": None,
        }
        for each in preview.collected
    ]
    left = [
        {
            "invoice": each.item.number,
            "due_on": each.item.due_on.isoformat(),
            "open_eur": str(each.item.open_eur),
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
    histories: Iterable[MandateHistory], members: dict[Any, Member]
) -> list[dict[str, Any]]:
    """Describe mandates.

    Parameters
    ----------
    histories : iterable of MandateHistory
        Which.
    members : dict of UUID to Member
        Who signed them.

    Returns
    -------
    list of dict of str to Any
        In their order.
    """
    return [
        {
            "member": members[each.mandate.member_id].code,
            "reference": each.mandate.reference,
            "kind": each.mandate.kind.value,
            "signed_on": each.mandate.signed_on.isoformat(),
            "account": str(Iban(each.accounts[0].iban)),
            "usable_from": each.accounts[0].usable_from.isoformat(),
            "lapses_on": each.lapses_on.isoformat(),
            "ended_on": each.mandate.ended_on and each.mandate.ended_on.isoformat(),
            "ended_because": each.mandate.ended_because and each.mandate.ended_because.value,
        }
        for each in histories
    ]
