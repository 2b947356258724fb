"""Bill the same energy under several contracts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel import Session

from api.services.bills.bill_group import bill_group
from api.services.bills.bill_question import BillQuestion
from api.services.bills.billed_point import BilledPoint, PointPreparer
from api.services.bills.contract_document import ContractsDocument, ContractWish
from api.services.bills.find_billed_point import find_billed_point
from api.services.bills.simulated_bills import SimulatedBills
from models.values.errors import CommunityError, InvalidArgumentError


class NoContractsError(InvalidArgumentError):
    """There is no contract to compare with."""

    def __init__(self) -> None:
        super().__init__("name at least one contract to compare with")


@dataclass(frozen=True, slots=True, eq=False)
class ContractOutcome:
    """The bills of a supply point under one contract.

    Attributes
    ----------
    contract : str
        Its name.
    result : SimulatedBills or CommunityError
        The bills, or why the supply point cannot have the contract.
    """

    contract: str
    result: SimulatedBills | CommunityError


def compare_tariffs(
    session: Session,
    *,
    promoter_id: UUID,
    point_id: UUID,
    question: BillQuestion,
    contracts: Sequence[ContractWish],
) -> list[ContractOutcome]:
    """Bill a supply point under its own contract and under others.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    point_id : UUID
        The supply point.
    question : BillQuestion
        Days, coefficients, law, and the contract in force.
    contracts : sequence of ContractWish
        Others, whomever they name.

    Returns
    -------
    list of ContractOutcome
        The contract in force first, then the others in their order.

    Raises
    ------
    NoContractsError
        If there is nothing to compare with.
    UnknownSupplyPointError
        If the promoter has no such supply point.
    CommunityError
        If the bills under the contract in force cannot be made.
    """
    if not contracts:
        raise NoContractsError
    preparer, point = find_billed_point(
        session, promoter_id=promoter_id, point_id=point_id, question=question
    )
    current = ContractOutcome(point.contract, bill_group([point], preparer)[point_id])
    return [current, *(_bill_under(wish, preparer, point) for wish in contracts)]


def _bill_under(wish: ContractWish, preparer: PointPreparer, point: BilledPoint) -> ContractOutcome:
    everyone = wish.model_copy(update={"cups": None, "tariffs": None})
    contracts = ContractsDocument.model_construct(contract=(everyone,))
    question = replace(preparer.question, contracts=contracts)
    other = replace(preparer, question=question)
    try:
        prepared = other.prepare(point.point, point.energy)
    except CommunityError as error:
        return ContractOutcome(wish.name, error)
    return ContractOutcome(wish.name, bill_group([prepared], other)[point.point.id])
