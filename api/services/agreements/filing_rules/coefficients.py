"""Rules of the coefficients: whose they are, and what they sum to."""

from collections.abc import Iterator

from api.services.agreements.filing_rules.findings import (
    FilingCase,
    Finding,
    FindingCode,
    Severity,
)
from loaders.typed_document import name_some
from models.tables import AgreementState
from models.values.coefficient import MILLIONTHS

_ANNEX = "RD 244/2019, Annex I, as amended by TED/1247/2021"


def check_state(case: FilingCase) -> Iterator[Finding]:
    """Let only the agreement in force be filed.

    Parameters
    ----------
    case : FilingCase
        The facts.

    Yields
    ------
    Finding
        ``NOT_PUBLISHED``.
    """
    state = case.agreement.state
    if state is AgreementState.PUBLISHED:
        return
    advice = "publish it" if state is AgreementState.DRAFT else "file the one that is published"
    yield Finding(
        FindingCode.NOT_PUBLISHED,
        Severity.ERROR,
        "RD 244/2019, article 4.3",
        f"the agreement is {state}, and all sign and send the same one: {advice}",
    )


def check_members(case: FilingCase) -> Iterator[Finding]:
    """Hold those who have a coefficient against those who share.

    Parameters
    ----------
    case : FilingCase
        The facts.

    Yields
    ------
    Finding
        ``MEMBERS``.
    """
    sharing = {sharer.cups for sharer in case.plant.sharers}
    without, foreign = sorted(sharing - case.agreement.cups), sorted(case.agreement.cups - sharing)
    facts = []
    if without:
        facts.append(f"{len(without)} share without a coefficient ({name_some(without, ', ')})")
    if foreign:
        facts.append(f"{len(foreign)} have one and do not share ({name_some(foreign, ', ')})")
    if facts:
        yield Finding(
            FindingCode.MEMBERS,
            Severity.ERROR,
            "RD 244/2019, article 4.3",
            f"{' and '.join(facts)}: make an agreement of those who share",
        )


def check_sums(case: FilingCase) -> Iterator[Finding]:
    """Let the coefficients sum to one in every hour.

    Parameters
    ----------
    case : FilingCase
        The facts.

    Yields
    ------
    Finding
        ``SUM``.
    """
    if not case.agreement.wrong_sums:
        return
    hour, total = case.agreement.wrong_sums[0]
    where = f"in {len(case.agreement.wrong_sums)} hours, first in hour {hour}," if hour else "they"
    yield Finding(
        FindingCode.SUM,
        Severity.ERROR,
        _ANNEX,
        f"the coefficients must sum to one in every hour, but {where} sum to {total} millionths, "
        f"not {MILLIONTHS}: make the agreement anew",
    )
