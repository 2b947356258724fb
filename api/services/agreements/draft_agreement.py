"""Draft an agreement: of a proposal's coefficients, or of a table that somebody states."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import numpy as np
from sqlmodel import Session

from api.services.communities.find_plant import find_plant
from api.services.proposals.class_coefficients import (
    NoClassesError,
    list_class_rows,
    read_class_table,
)
from api.services.proposals.find_proposal import find_proposal
from loaders.typed_document import name_some
from models.repositories import agreements
from models.repositories.hourly_coefficients import add_hourly_coefficients
from models.repositories.installations import lock_installation
from models.repositories.memberships import group_open_memberships
from models.repositories.proposals import group_proposed_coefficients
from models.repositories.supply_points import map_supply_points
from models.tables import (
    AgreementState,
    CoefficientMode,
    CoefficientProposal,
    DistributionAgreement,
    SelfConsumptionInstallation,
)
from models.values.coefficient import MILLIONTHS
from models.values.errors import ConflictError, InvalidArgumentError
from planner.classes.step_classes import Classes, expand_to_file_hours
from planner.coefficients.problem import Millionths
from planner.coefficients.rules import round_by_largest_remainder

_FILE_YEARS = range(2000, 2100)


class FileYearError(InvalidArgumentError):
    """A year for which no distributor's file is written."""

    def __init__(self, year: int) -> None:
        super().__init__(
            f"fileYear {year} is not between {_FILE_YEARS.start} and {_FILE_YEARS.stop - 1}"
        )
        self.year = year


class AlreadyDraftedError(ConflictError):
    """An agreement of the proposal stands already.

    Attributes
    ----------
    agreement_id : UUID
        That agreement.
    state : AgreementState
        Where it stands.
    file_year : int
        Year of the file.
    advice : str
        What to do.
    """

    def __init__(self, agreement: DistributionAgreement) -> None:
        advice = (
            "publish, withdraw or reject it first"
            if agreement.state is AgreementState.DRAFT
            else "ask for a new proposal"
        )
        super().__init__(
            f"a {agreement.mode} agreement of the proposal for the file of {agreement.file_year} "
            f"is {agreement.state}: {advice}"
        )
        self.agreement_id = agreement.id
        self.state = agreement.state
        self.file_year = agreement.file_year
        self.advice = advice


class MembersChangedError(ConflictError):
    """Others share in the installation than when the coefficients were chosen.

    Attributes
    ----------
    joined, left : int
        How many supply points began and ceased to share.
    """

    def __init__(self, joined: int, left: int) -> None:
        super().__init__(
            f"since the coefficients were chosen {joined} supply points joined and {left} left; "
            "ask for a new proposal"
        )
        self.joined = joined
        self.left = left


class CoefficientTableError(InvalidArgumentError):
    """A table of coefficients does not fit those who share, or does not sum to one.

    Attributes
    ----------
    missing, unknown : tuple of str
        CUPS of those who share and are not in the table, and of the table that do not share.
    total : int
        What the coefficients sum to [millionths].
    """

    def __init__(self, missing: list[str], unknown: list[str], total: int) -> None:
        facts = []
        if missing:
            facts.append(f"has no coefficient for {name_some(missing, ', ')}")
        if unknown:
            facts.append(f"names {name_some(unknown, ', ')}, who does not share here")
        if total != MILLIONTHS:
            facts.append(f"sums to {total} millionths, not {MILLIONTHS}")
        super().__init__(f"the table of coefficients {'; '.join(facts)}: correct it")
        self.missing = tuple(missing)
        self.unknown = tuple(unknown)
        self.total = total


class CoefficientRangeError(InvalidArgumentError):
    """A coefficient of a table is not between zero and one.

    Attributes
    ----------
    cups : str
        Whose it is.
    millionths : int
        What it is.
    """

    def __init__(self, cups: str, millionths: int) -> None:
        super().__init__(f"the coefficient of {cups}, {millionths} millionths, is not from 0 to 1")
        self.cups = cups
        self.millionths = millionths


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Coefficients in the order of the file; the hours, shape (n_members, 8760), if they differ."""

    shares: dict[UUID, int]
    hours: Millionths | None = None


def draft_of_proposal(
    session: Session,
    *,
    promoter_id: UUID,
    proposal_id: UUID,
    file_year: int,
    now: datetime,
    mode: CoefficientMode = CoefficientMode.CONSTANT,
) -> DistributionAgreement:
    """Draft an agreement of a proposal's coefficients.

    Drafting a proposal again for the same year and mode gives the draft that stands. One that was
    withdrawn or rejected does not stand in the way.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    proposal_id : UUID
        Whose coefficients.
    file_year : int
        Year of the distributor's file, 2000 to 2099.
    now : datetime
        The present instant.
    mode : CoefficientMode
        ``HOURLY`` writes the proposal's coefficients by class out for every hour.

    Returns
    -------
    DistributionAgreement
        A draft.

    Raises
    ------
    FileYearError
        If no file is written for the year.
    UnknownProposalError
        If the caller has no such proposal.
    NoClassesError
        If an hourly agreement is asked of a proposal with constant coefficients only.
    AlreadyDraftedError
        If another agreement of the proposal stands.
    MembersChangedError
        If others share than when the proposal was made.
    """
    check_file_year(file_year)
    proposal = find_proposal(session, promoter_id=promoter_id, proposal_id=proposal_id)
    lock_installation(session, promoter_id=promoter_id, installation_id=proposal.installation_id)
    standing = agreements.find_agreement_of_proposal(
        session, promoter_id=promoter_id, proposal_id=proposal_id
    )
    if standing is not None:
        wanted = (AgreementState.DRAFT, mode, file_year)
        if (standing.state, standing.mode, standing.file_year) != wanted:
            raise AlreadyDraftedError(standing)
        return standing
    is_hourly = mode is CoefficientMode.HOURLY
    table = _read_hours(session, proposal, file_year) if is_hourly else _read(session, proposal)
    check_sharing(
        session,
        promoter_id=promoter_id,
        installation_id=proposal.installation_id,
        supply_point_ids=table.shares.keys(),
    )
    agreement = DistributionAgreement(
        promoter_id=promoter_id,
        installation_id=proposal.installation_id,
        proposal_id=proposal_id,
        mode=mode,
        file_year=file_year,
        created_at=now,
    )
    return _store(session, agreement, table)


def draft_of_table(
    session: Session,
    *,
    promoter_id: UUID,
    installation: UUID | str,
    millionths: Mapping[str, int],
    file_year: int,
    now: datetime,
    hours: Mapping[str, Millionths] | None = None,
) -> DistributionAgreement:
    """Draft an agreement of coefficients that somebody states.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    installation : UUID or str
        Id or CAU of the plant.
    millionths : mapping of str to int
        Coefficient of each CUPS that shares [millionths]; they sum to one.
    file_year : int
        Year of the distributor's file, 2000 to 2099.
    now : datetime
        The present instant.
    hours : mapping of str to ndarray of int64, shape (8760,), optional
        Those of every hour of the file, where they differ; ``millionths`` are their means.

    Returns
    -------
    DistributionAgreement
        A draft, in the order of the promoter's list.

    Raises
    ------
    FileYearError
        If no file is written for the year.
    UnknownInstallationError
        If the promoter has no such plant.
    CoefficientRangeError
        If a coefficient is not between zero and one.
    CoefficientTableError
        If somebody who shares is missing, somebody does not share, or the sum is not one.
    """
    check_file_year(file_year)
    plant = find_plant(session, promoter_id=promoter_id, installation=installation)
    lock_installation(session, promoter_id=promoter_id, installation_id=plant.id)
    agreement = DistributionAgreement(
        promoter_id=promoter_id,
        installation_id=plant.id,
        mode=CoefficientMode.CONSTANT if hours is None else CoefficientMode.HOURLY,
        file_year=file_year,
        created_at=now,
    )
    cups_of = _match(session, plant, millionths)
    return _store(
        session,
        agreement,
        _Table(
            {key: millionths[cups] for key, cups in cups_of.items()},
            None if hours is None else np.stack([hours[cups] for cups in cups_of.values()]),
        ),
    )


def check_file_year(year: int) -> None:
    """Make sure that a distributor's file is written for a year.

    Parameters
    ----------
    year : int
        Year of the file.

    Raises
    ------
    FileYearError
        If none is.
    """
    if year not in _FILE_YEARS:
        raise FileYearError(year)


def check_sharing(
    session: Session,
    *,
    promoter_id: UUID,
    installation_id: UUID,
    supply_point_ids: Collection[UUID],
) -> None:
    """Make sure that coefficients are of exactly those who share in a plant.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    installation_id : UUID
        The plant.
    supply_point_ids : collection of UUID
        Who has a coefficient.

    Raises
    ------
    MembersChangedError
        If others share.
    """
    memberships = group_open_memberships(
        session, promoter_id=promoter_id, installation_ids=[installation_id]
    )[installation_id]
    sharing = {row.supply_point_id for row in memberships}
    held = set(supply_point_ids)
    if sharing != held:
        raise MembersChangedError(len(sharing - held), len(held - sharing))


def _read(session: Session, proposal: CoefficientProposal) -> _Table:
    """Read a proposal's constant coefficients."""
    rows = group_proposed_coefficients(
        session, promoter_id=proposal.promoter_id, proposal_ids=[proposal.id]
    )[proposal.id]
    return _Table({row.supply_point_id: row.millionths for row in rows})


def _read_hours(session: Session, proposal: CoefficientProposal, file_year: int) -> _Table:
    """Write a proposal's coefficients by class out for every hour, and take their means."""
    rows = list_class_rows(session, proposal)
    if not rows:
        raise NoClassesError(proposal.id)
    kind = Classes(cast("dict[str, Any]", proposal.result["classes"])["kind"])
    hours = expand_to_file_hours(read_class_table(rows), kind, file_year)
    ids = [row.supply_point_id for row in rows]
    points = map_supply_points(session, promoter_id=proposal.promoter_id, supply_point_ids=ids)
    by_cups = np.argsort(np.argsort([points[key].cups for key in ids]))
    means = round_by_largest_remainder(hours.mean(axis=1) / MILLIONTHS, by_cups)
    return _Table(dict(zip(ids, means.tolist(), strict=True)), hours)


def _match(
    session: Session, plant: SelfConsumptionInstallation, millionths: Mapping[str, int]
) -> dict[UUID, str]:
    """Match a table with those who share, in the order of the list; give the CUPS of each."""
    for cups, share in millionths.items():
        if not 0 <= share <= MILLIONTHS:
            raise CoefficientRangeError(cups, share)
    owner = plant.promoter_id
    rows = group_open_memberships(session, promoter_id=owner, installation_ids=[plant.id])
    ids = [row.supply_point_id for row in rows[plant.id]]
    points = map_supply_points(session, promoter_id=owner, supply_point_ids=ids)
    cups_of = {key: points[key].cups for key in ids}
    missing = [cups for cups in cups_of.values() if cups not in millionths]
    unknown = sorted(millionths.keys() - set(cups_of.values()))
    total = sum(millionths.values())
    if missing or unknown or total != MILLIONTHS:
        raise CoefficientTableError(missing, unknown, total)
    return cups_of


def _store(
    session: Session, agreement: DistributionAgreement, table: _Table
) -> DistributionAgreement:
    agreements.draft_agreement(session, agreement, table.shares)
    if table.hours is not None:
        add_hourly_coefficients(
            session, agreement, dict(zip(table.shares, table.hours, strict=True))
        )
    return agreement
