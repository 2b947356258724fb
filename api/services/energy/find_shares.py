"""Find the coefficients by which energy is shared: those applied, or those of one document."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from api.services.agreements.applied_record import period_of
from api.services.agreements.find_agreement import find_agreement
from api.services.proposals.find_proposal import find_proposal
from models.repositories.agreements import group_coefficients, map_published_agreements
from models.repositories.applied_coefficients import group_applied
from models.repositories.hourly_coefficients import group_hourly_coefficients
from models.repositories.proposals import group_proposed_coefficients
from models.tables import AppliedCoefficient
from models.values.period import Period, list_gaps
from planner.dated_shares import Share


class CoefficientBasis(StrEnum):
    """Where the coefficients of an energy series come from."""

    APPLIED = "applied"
    """What the distributor applied, each on its days."""
    PUBLISHED = "published"
    """The agreement in force, while nothing at all is recorded as applied."""
    STATED = "stated"
    """An agreement that was named, on all days."""
    PROPOSED = "proposed"
    """A proposal that was named, on all days."""


@dataclass(frozen=True, slots=True, eq=False)
class PlantShares:
    """The coefficients of one plant.

    Attributes
    ----------
    basis : CoefficientBasis
        Where they come from.
    shares : mapping of UUID to sequence of Share
        Those of each supply point; empty where none holds in the time that was asked for.
    """

    basis: CoefficientBasis
    shares: Mapping[UUID, Sequence[Share]]

    def holds(self, point_id: UUID, days: Period) -> bool:
        """Tell whether a supply point has a coefficient on some of the days, even of zero."""
        return any(share.holds_within(days) for share in self.shares.get(point_id, ()))


Held = Mapping[UUID, Mapping[UUID, Sequence[Share]]]
"""Coefficients by plant and supply point."""

Document = tuple[CoefficientBasis, UUID]
"""``STATED`` and the id of an agreement, or ``PROPOSED`` and that of a proposal."""


def find_shares(
    session: Session,
    *,
    promoter_id: UUID,
    installation_ids: Collection[UUID],
    within: Period,
    document: Document | None = None,
) -> dict[UUID, PlantShares]:
    """Find the coefficients of plants.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    installation_ids : collection of UUID
        The plants.
    within : Period
        Local days that matter.
    document : Document, optional
        An agreement or proposal whose coefficients hold on all days; what was applied when None.

    Returns
    -------
    dict of UUID to PlantShares
        Without plants that have no coefficients at all. A plant of which nothing was ever recorded
        as applied has those of its published agreement.

    Raises
    ------
    UnknownAgreementError, UnknownProposalError
        If the caller has no such document.
    """
    if document is not None:
        plant_id, shares = _find_in_document(session, promoter_id, document)
        found = {plant_id: PlantShares(document[0], shares)}
        return {key: shares for key, shares in found.items() if key in installation_ids}
    applied = find_applied_shares(
        session, promoter_id=promoter_id, installation_ids=installation_ids, within=within
    )
    rest = [key for key in installation_ids if key not in applied]
    published = map_published_agreements(session, promoter_id=promoter_id, installation_ids=rest)
    agreed = _read_agreements(session, promoter_id, [row.id for row in published.values()])
    return applied | {
        key: PlantShares(
            CoefficientBasis.PUBLISHED,
            {point_id: (share,) for point_id, share in agreed[agreement.id].items()},
        )
        for key, agreement in published.items()
    }


def hold_shares(
    shares: Mapping[UUID, PlantShares], joined: Mapping[UUID, Collection[UUID]], within: Period
) -> Held:
    """Tell on which days supply points count in sums of their plants.

    Parameters
    ----------
    shares : mapping of UUID to PlantShares
        Coefficients, of plants that have any.
    joined : mapping of UUID to collection of UUID
        Supply points of all plants by open memberships.
    within : Period
        Local days that matter.

    Returns
    -------
    Held
        Who has a coefficient, on its days; on days on which nobody has one in a plant, coefficients
        of zero of those who joined it.
    """
    held = {}
    for plant_id, members in joined.items():
        dated = shares[plant_id].shares if plant_id in shares else {}
        periods = [share.period or within for each in dated.values() for share in each]
        alone = [Share(0, period=gap) for gap in list_gaps(periods, within)]
        before = {point_id: (*dated.get(point_id, ()), *alone) for point_id in members if alone}
        held[plant_id] = {**dated, **before}
    return held


def find_applied_shares(
    session: Session, *, promoter_id: UUID, installation_ids: Collection[UUID], within: Period
) -> dict[UUID, PlantShares]:
    """Find the coefficients that the distributor applied to plants.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    installation_ids : collection of UUID
        The plants.
    within : Period
        Local days that matter.

    Returns
    -------
    dict of UUID to PlantShares
        Only plants of which something was ever recorded as applied.
    """
    groups = group_applied(session, promoter_id=promoter_id, installation_ids=installation_ids)
    rows = {
        key: [row for row in held if period_of(row).overlaps(within)]
        for key, held in groups.items()
        if held
    }
    agreement_ids = {row.agreement_id for held in rows.values() for row in held}
    agreed = _read_agreements(session, promoter_id, agreement_ids)
    return {
        key: PlantShares(CoefficientBasis.APPLIED, _date_shares(held, agreed))
        for key, held in rows.items()
    }


def _date_shares(
    rows: Sequence[AppliedCoefficient], agreed: Mapping[UUID, Mapping[UUID, Share]]
) -> dict[UUID, list[Share]]:
    """Give every supply point its coefficients, each on the days on which it was applied."""
    shares: dict[UUID, list[Share]] = {}
    for row in rows:
        share = agreed[row.agreement_id][row.supply_point_id]
        dated = Share(share.millionths, share.by_hour, period_of(row))
        shares.setdefault(row.supply_point_id, []).append(dated)
    return shares


def _find_in_document(
    session: Session, promoter_id: UUID, document: Document
) -> tuple[UUID, dict[UUID, Sequence[Share]]]:
    """Read the coefficients of one agreement or proposal, and whose plant they are of."""
    basis, key = document
    if basis is CoefficientBasis.STATED:
        agreement = find_agreement(session, promoter_id=promoter_id, agreement_id=key)
        shares = _read_agreements(session, promoter_id, [key])[key]
        return agreement.installation_id, {point: (share,) for point, share in shares.items()}
    proposal = find_proposal(session, promoter_id=promoter_id, proposal_id=key)
    rows = group_proposed_coefficients(session, promoter_id=promoter_id, proposal_ids=[key])[key]
    return proposal.installation_id, {row.supply_point_id: (Share(row.millionths),) for row in rows}


def _read_agreements(
    session: Session, promoter_id: UUID, agreement_ids: Collection[UUID]
) -> dict[UUID, dict[UUID, Share]]:
    """Read the coefficients of agreements, constant or by the hour, in the order of their files."""
    rows = group_coefficients(session, promoter_id=promoter_id, agreement_ids=agreement_ids)
    hours = group_hourly_coefficients(session, promoter_id=promoter_id, agreement_ids=agreement_ids)
    return {
        key: {
            row.supply_point_id: Share(row.millionths, hours[key].get(row.supply_point_id))
            for row in held
        }
        for key, held in rows.items()
    }
