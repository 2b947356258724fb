"""Check an agreement against the rules of filing, and note that it is at the distributor's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self
from uuid import UUID

from sqlmodel import Session

from api.services.agreements.filing_rules.clocks import find_first_day
from api.services.agreements.filing_rules.findings import FilingCase, Finding, Severity
from api.services.agreements.filing_rules.judge import judge_filing
from api.services.agreements.find_agreement import find_agreement
from api.services.agreements.read_filing_cases import read_filing_cases
from models.repositories.communities import map_communities
from models.repositories.installations import lock_installation, map_installations
from models.tables import DistributionAgreement, Filing, SelfConsumptionInstallation
from models.values.calendar import local_day
from models.values.errors import ConflictError, InvalidArgumentError


class FilingRefusedError(ConflictError):
    """The rules forbid to file an agreement.

    Attributes
    ----------
    findings : tuple of Finding
        Everything that the rules found, errors and others.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        errors = [each for each in findings if each.severity is Severity.ERROR]
        said = "; ".join(f"{each.message} ({each.article})" for each in errors)
        super().__init__(f"the agreement cannot be filed: {said}")
        self.findings = tuple(findings)


class FutureDayError(InvalidArgumentError):
    """Something is noted of a day that has not come.

    Attributes
    ----------
    day, today : date
        That day, and the present one.
    """

    def __init__(self, day: date, today: date) -> None:
        super().__init__(f"{day} has not come yet, today is {today}: note it when it has happened")
        self.day = day
        self.today = today


@dataclass(frozen=True, slots=True)
class FilingCheck:
    """What the rules say of filing an agreement on a day.

    Attributes
    ----------
    first_day_on : date
        First day on which it can hold.
    findings : tuple of Finding
        Errors, warnings, and what could not be checked.
    """

    first_day_on: date
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, case: FilingCase) -> Self:
        """Hold a case against every rule; UnknownFigureError if the law of its day is unknown."""
        findings = judge_filing(case)
        return cls(find_first_day(case.filed_on), findings)

    @property
    def can_be_filed(self) -> bool:
        """Whether nothing forbids it."""
        return not any(each.severity is Severity.ERROR for each in self.findings)


def check_filing(
    session: Session, *, promoter_id: UUID, agreement_id: UUID, filed_on: date
) -> FilingCheck:
    """Hold an agreement against the rules, whether or not it is going to be filed.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    agreement_id : UUID
        The agreement, in any state.
    filed_on : date
        Local day on which it would be complete and correct at the distributor's.

    Returns
    -------
    FilingCheck
        Every finding, and the first day on which it could hold.

    Raises
    ------
    UnknownAgreementError
        If the caller has no such agreement.
    UnknownFigureError
        If the law of that day is not known.
    """
    agreement = find_agreement(session, promoter_id=promoter_id, agreement_id=agreement_id)
    cases = read_filing_cases(
        session,
        promoter_id=promoter_id,
        agreements={agreement_id: agreement},
        filed_on=filed_on,
    )
    return FilingCheck.of(cases[agreement_id])


def file_agreement(
    session: Session, *, promoter_id: UUID, agreement_id: UUID, filed_on: date, now: datetime
) -> tuple[Filing, FilingCheck]:
    """Note that an agreement is complete and correct at the distributor's.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    agreement_id : UUID
        The published agreement.
    filed_on : date
        Local day on which it was, today at the latest.
    now : datetime
        The present instant.

    Returns
    -------
    Filing
        In flight until the distributor answers.
    FilingCheck
        First day on which it can hold, warnings, and what could not be checked.

    Raises
    ------
    UnknownAgreementError
        If the caller has no such agreement.
    FutureDayError
        If the day has not come.
    FilingRefusedError
        If the rules forbid it; nothing is stored.
    UnknownFigureError
        If the law of that day is not known.
    """
    agreement = find_agreement(session, promoter_id=promoter_id, agreement_id=agreement_id)
    lock_installation(session, promoter_id=promoter_id, installation_id=agreement.installation_id)
    session.refresh(agreement)
    check_past(session, agreement, filed_on, now)
    check = check_filing(
        session, promoter_id=promoter_id, agreement_id=agreement_id, filed_on=filed_on
    )
    if not check.can_be_filed:
        raise FilingRefusedError(check.findings)
    filing = Filing(
        promoter_id=promoter_id,
        installation_id=agreement.installation_id,
        agreement_id=agreement_id,
        filed_on=filed_on,
        created_at=now,
    )
    session.add(filing)
    session.flush()
    return filing, check


def check_past(
    session: Session, agreement: DistributionAgreement, day: date, now: datetime
) -> None:
    """Make sure that a day has come on the clock of an agreement's community.

    Parameters
    ----------
    session : Session
        Open transaction.
    agreement : DistributionAgreement
        Of a plant of that community.
    day : date
        Local day.
    now : datetime
        The present instant.

    Raises
    ------
    FutureDayError
        If it has not.
    """
    plant = _find_plant(session, agreement)
    communities = map_communities(
        session, promoter_id=plant.promoter_id, community_ids=[plant.community_id]
    )
    today = local_day(now, communities[plant.community_id].timezone)
    if day > today:
        raise FutureDayError(day, today)


def _find_plant(session: Session, agreement: DistributionAgreement) -> SelfConsumptionInstallation:
    owner, key = agreement.promoter_id, agreement.installation_id
    return map_installations(session, promoter_id=owner, installation_ids=[key])[key]
