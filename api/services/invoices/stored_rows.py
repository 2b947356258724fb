"""What is stored of a draft beside the invoice itself: parties, days, energy and facts."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from api.services.invoices.billing_scope import end_of
from api.services.invoices.draft_invoices import DraftInvoice
from api.services.invoices.stored_invoice import describe_party
from models.tables import InvoiceIssuer, Payer


def copy_parties(issuer: InvoiceIssuer, payer: Payer) -> dict[str, Any]:
    """Copy issuer and payer as an invoice keeps them.

    Parameters
    ----------
    issuer : InvoiceIssuer
        In whose name.
    payer : Payer
        To whom.

    Returns
    -------
    dict of str to Any
        Issuer and recipient; of the latter language, e-mail and offices, too.
    """
    offices = [payer.accounting_office, payer.managing_body, payer.processing_unit]
    return {
        "issuer": describe_party(issuer),
        "recipient": describe_party(payer)
        | {
            "language": payer.language.value,
            "email": payer.email,
            "offices": [office for office in offices if office is not None],
        },
    }


def list_facts(draft: DraftInvoice, caus: Mapping[UUID, str]) -> dict[str, Any]:
    """List what the document shows beside the invoice: supply point, plants and energy.

    Parameters
    ----------
    draft : DraftInvoice
        The draft.
    caus : mapping of UUID to str
        CAU of each plant.

    Returns
    -------
    dict of str to Any
        Energy in whole watt-hours.
    """
    energy = [piece for billed in draft.billed for piece in billed.energy]
    keys = {piece.allocation.installation_id for piece in energy}
    return {
        "cups": draft.point.cups,
        "caus": sorted(caus[key] for key in keys),
        "self_consumed_wh": sum(piece.self_consumed_wh for piece in energy),
        "surplus_wh": sum(piece.surplus_wh for piece in energy),
    }


def list_period_values(draft: DraftInvoice) -> Iterator[dict[str, Any]]:
    """List the days that an invoice claims.

    Parameters
    ----------
    draft : DraftInvoice
        The draft.

    Returns
    -------
    iterator of dict of str to Any
        Columns, without the invoice's.
    """
    for billed in draft.billed:
        yield {
            "subscription_id": billed.subscription.id,
            "supply_point_id": draft.point.id,
            "valid_from": billed.days.start,
            "valid_until": end_of(billed.days),
            "released_at": None,
        }


def list_energy_values(draft: DraftInvoice) -> Iterator[dict[str, Any]]:
    """List of which allocations an invoice charges how much.

    Parameters
    ----------
    draft : DraftInvoice
        The draft.

    Returns
    -------
    iterator of dict of str to Any
        Columns, without the invoice's.
    """
    for billed in draft.billed:
        for piece in billed.energy:
            yield {
                "allocation_id": piece.allocation.id,
                "subscription_id": billed.subscription.id,
                "self_consumed_wh": piece.self_consumed_wh,
                "surplus_wh": piece.surplus_wh,
            }
