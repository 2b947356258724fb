"""What a rectifying invoice by substitution stands in for, rate by rate."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from models.tables import InvoiceTax
from models.values.invoicing import Exemption, TaxKind

ReplacedTaxes = Mapping[UUID, Sequence[InvoiceTax]]
"""Rates of invoices that were replaced, by invoice."""


class RateKey(NamedTuple):
    """What tells the rates of an invoice apart."""

    tax: TaxKind
    percent: Decimal
    exemption: Exemption | None


def sum_replaced(
    facts: Mapping[str, Any], replaced: ReplacedTaxes
) -> dict[RateKey, tuple[int, int]]:
    """Sum what a substitution stands in for.

    Parameters
    ----------
    facts : mapping of str to Any
        Facts of the substitution, which name the invoices that it corrects.
    replaced : ReplacedTaxes
        Their rates.

    Returns
    -------
    dict of RateKey to (int, int)
        Base and quota by rate [cents].
    """
    sums: defaultdict[RateKey, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for key in facts["corrects"]:
        for tax in replaced.get(UUID(key), ()):
            rate = RateKey(tax.tax, Decimal(tax.tax_percent), tax.exemption)
            base, quota = sums[rate]
            sums[rate] = (base + tax.base_cents, quota + tax.quota_cents)
    return dict(sums)
