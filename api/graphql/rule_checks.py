"""What the rules of filing find in an agreement."""

from collections.abc import Sequence
from datetime import date

import strawberry

from api.graphql.enums import describe
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.services.agreements.file_agreement import FilingCheck
from api.services.agreements.filing_rules import findings
from api.services.agreements.filing_rules.findings import FindingCode, Severity
from api.spoken_language import say

describe(
    Severity,
    "What a finding means for the filing.",
    ERROR="The distributor would refuse it, or the law forbids it.",
    WARNING="It may be filed, but somebody should look.",
    UNKNOWN="A rule could not be checked, since something is not known.",
)
describe(
    FindingCode,
    "What the rules of filing find; the list only grows.",
    NOT_PUBLISHED="The agreement is not published.",
    CHANGE_IN_FLIGHT="Another change waits for the distributor's answer.",
    TOO_SOON="The last change is less than the legal time ago.",
    EXEMPT_CHANGE_TO_HOURLY="It is soon, but a first change to hourly coefficients is exempt.",
    APPLIED_ALREADY="The distributor applies this agreement already.",
    FILE_YEAR_PAST="The file is of a year before the first day that it can hold.",
    FILE_YEAR_AHEAD="The file is of a later year than the first day that it can hold.",
    SUM="Coefficients do not sum to one.",
    MEMBERS="Others share than those who have a coefficient.",
    MODALITY_UNKNOWN="Somebody's modality is not known.",
    MODALITIES_DIFFER="Not all are in one modality.",
    TOO_MUCH_POWER="The plant has more power than may be compensated.",
    CONNECTION_UNKNOWN="How the plant is connected is not known.",
    SURPLUS_NEEDED="A plant without surplus cannot share through the public network.",
    TOO_FAR="A meter is farther from the plant than the law allows.",
    PLACE_UNKNOWN="Where the plant or a meter stands is not known.",
)


@strawberry.type(description="What one rule found.")
class Finding:
    """Shows a finding."""

    code: FindingCode = strawberry.field(description="Its stable name.")
    severity: Severity = strawberry.field(description="What it means for the filing.")
    article: str = strawberry.field(description="Where the rule stands.")
    message: str = strawberry.field(description="What is wrong, by how much, and what to do.")


@strawberry.type(description="What the rules say of filing an agreement on a day.")
class RuleCheck:
    """Shows a check."""

    found: strawberry.Private[Sequence[findings.Finding]]

    first_day_on: date = strawberry.field(description="First local day on which it could hold.")
    can_be_filed: bool = strawberry.field(description="Whether nothing forbids it.")

    @strawberry.field(description="Errors, warnings, and what could not be checked.")
    def findings(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[Finding]:
        """Page through them."""
        return page_findings(self.found, first, after)


def show_check(check: FilingCheck) -> RuleCheck:
    """Show what the rules said."""
    return RuleCheck(
        found=check.findings, first_day_on=check.first_day_on, can_be_filed=check.can_be_filed
    )


def page_findings(
    found: Sequence[findings.Finding], first: int | None, after: str | None
) -> Connection[Finding]:
    """Cut a page out of what the rules found."""
    shown = [
        Finding(
            code=each.code, severity=each.severity, article=each.article, message=say(each.message)
        )
        for each in found
    ]
    return paginate(shown, first, after)
