"""Work out what an issued invoice should say: by hand, or anew from its plan and the energy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from api.services.invoices.billing_faults import MissingKind, UnreadyRunError
from api.services.invoices.draft_invoices import DraftInvoice
from api.services.invoices.invoice_history import BasedLine, InvoiceHistory
from api.services.invoices.preview_billing_run import preview_billing_run
from api.services.invoices.stored_rows import copy_parties, list_energy_values, list_facts
from models.repositories.members import map_members
from models.repositories.payment_plans import map_issuers, map_payers
from models.repositories.supply_points import map_supply_points
from models.tables import Invoice
from models.values.invoicing import Exemption, TaxKind
from models.values.period import Period


@dataclass(frozen=True, slots=True)
class Restated:
    """What an invoice should say.

    Attributes
    ----------
    parties : dict of str to Any
        Issuer and recipient as they are now.
    lines : sequence of BasedLine
        What is charged.
    exemptions : mapping
        Why a tax and rate bears none.
    facts : dict of str to Any
        Energy, where it was worked out anew.
    energy : sequence of dict of str to Any
        Columns of the energy charged, without the invoice's.
    source : dict of str to Any
        From what the lines come.
    """

    parties: dict[str, Any]
    lines: Sequence[BasedLine]
    exemptions: Mapping[tuple[TaxKind, Decimal], tuple[Exemption | None, str | None]] = field(
        default_factory=dict
    )
    facts: dict[str, Any] = field(default_factory=dict)
    energy: Sequence[dict[str, Any]] = ()
    source: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    def key_of(tax: TaxKind, tax_percent: str) -> tuple[TaxKind, Decimal]:
        """Give the key of a stored tax among the exemptions."""
        return tax, Decimal(tax_percent)


def restate_invoice(
    session: Session,
    *,
    history: InvoiceHistory,
    lines: Sequence[BasedLine] | None,
    now: datetime,
) -> Restated:
    """Work out what an invoice should say.

    Parameters
    ----------
    session : Session
        Open transaction.
    history : InvoiceHistory
        The invoice and those that rectify it.
    lines : sequence of BasedLine or None
        What is right; worked out anew when None.
    now : datetime
        The present instant.

    Returns
    -------
    Restated
        With the parties as they are now.

    Raises
    ------
    UnreadyRunError
        If it is worked out anew, and energy is missing or nothing is to be paid any more.
    """
    invoices = [rows.invoice for rows in history.documents]
    parties = _read_parties(session, invoices[0])
    if lines is not None:
        return Restated(parties, lines, source={"by": "hand"})
    draft, caus = _draft_anew(session, invoices, now)
    return Restated(
        parties=parties,
        lines=[(each.term.basis, each.line) for each in draft.lines],
        exemptions={
            (each.line.tax, each.line.rate_percent): (
                each.term.exemption,
                each.term.exempt_because,
            )
            for each in draft.lines
            if each.term.exemption is not None
        },
        facts=list_facts(draft, caus),
        energy=list(list_energy_values(draft)),
        source={
            "by": "readings",
            "lines": [each.source for each in draft.lines],
        },
    )


def _read_parties(session: Session, invoice: Invoice) -> dict[str, Any]:
    """Copy issuer and payer as they are now."""
    owner = invoice.promoter_id
    issuers = map_issuers(session, promoter_id=owner, issuer_ids=[invoice.issuer_id])
    payers = map_payers(session, promoter_id=owner, member_ids=[invoice.member_id])
    return copy_parties(issuers[invoice.issuer_id], payers[invoice.member_id])


def _draft_anew(
    session: Session, invoices: Sequence[Invoice], now: datetime
) -> tuple[DraftInvoice, dict[Any, str]]:
    """Draft an invoice and those that rectify it from what is known now, and name the plants."""
    invoice = invoices[0]
    owner = invoice.promoter_id
    key = invoice.supply_point_id
    point = map_supply_points(session, promoter_id=owner, supply_point_ids=[key])[key]
    members = map_members(session, promoter_id=owner, member_ids=[invoice.member_id])
    preview = preview_billing_run(
        session,
        promoter_id=owner,
        community_id=members[invoice.member_id].community_id,
        period=Period(invoice.period_start, invoice.period_end),
        cups=[point.cups],
        anew=[each.id for each in invoices],
        now=now,
    )
    lacking = [each for each in preview.missing if each.kind is not MissingKind.BILLED_ALREADY]
    parties = (invoice.issuer_id, invoice.member_id)
    drafts = [each for each in preview.drafts if (each.issuer.id, each.member.id) == parties]
    if lacking or not drafts:
        raise UnreadyRunError(lacking)
    return drafts[0], {plant.id: plant.cau for plant in preview.scope.plants.values()}
