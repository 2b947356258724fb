"""What a person should know before trusting a plan."""

from api.services.proposals.plan_coefficients import PlannedYear
from api.services.proposals.retail_question import PriceBasis
from loaders.typed_document import name_some
from models.values.coefficient import MILLIONTHS

_FILED_CUPS_LENGTH = 22
_CENT = 0.01
_NAMED_AT_MOST = 10


def warn_of_plan(plan: PlannedYear) -> list[str]:
    """List what is odd about a plan or the data it stands on.

    Parameters
    ----------
    plan : PlannedYear
        Coefficients, proof and scenarios.

    Returns
    -------
    list of str
        One sentence each; empty when nothing is odd.
    """
    return [
        *_warn_of_generation(plan),
        *_warn_of_completions(plan),
        *_warn_of_agreement(plan),
        *_warn_of_cups(plan),
        *_warn_of_gap(plan),
        *_warn_of_bonus(plan),
    ]


def _warn_of_generation(plan: PlannedYear) -> list[str]:
    """Hold the generation against the power of the inverter."""
    generation, step = plan.community.generation_kwh[0], plan.community.step
    most_kwh = plan.installation.pv_kw / step.per_hour
    above = int((generation > most_kwh).sum())
    if not generation.any():
        return ["the plant generated nothing all year: check the production file"]
    if not above:
        return []
    return [
        (
            f"in {above} intervals the plant generated more than its {plan.installation.pv_kw:g} kW"
            " allow: check pv_kw and the unit of the production file, kWh an interval"
        )
    ]


def _warn_of_agreement(plan: PlannedYear) -> list[str]:
    """Say so where the coefficients in force leave a part of the plant to nobody."""
    current = [member.current_beta or 0.0 for member in plan.members]
    total, rounding = sum(current), len(current) / MILLIONTHS
    if not any(current) or total >= 1 - rounding:
        return []
    return [
        (
            f"the current coefficients sum to {total:.6f}: all who share are compared with what "
            "those give, and the rest of that plant goes to nobody"
        )
    ]


def _warn_of_completions(plan: PlannedYear) -> list[str]:
    """Name the members whose year is partly or wholly a profile."""
    filled = [
        f"{member.member_id} ({completion.known_share:.0%})"
        for member, completion in zip(plan.members, plan.completions, strict=True)
        if completion.profile is not None
    ]
    if not filled:
        return []
    named, others = filled[:_NAMED_AT_MOST], len(filled) - _NAMED_AT_MOST
    more = f" and {others} more" if others > 0 else ""
    return [
        (
            f"of {len(filled)} of {len(plan.members)} members part of the year is not measured,"
            f" profiles of others stand in; measured: {', '.join(named)}{more}"
        )
    ]


def _warn_of_cups(plan: PlannedYear) -> list[str]:
    """Name the codes that a distributor would refuse in its file."""
    short = [member.cups for member in plan.members if len(member.cups) < _FILED_CUPS_LENGTH]
    if not short:
        return []
    return [
        (
            f"distributors take CUPS of {_FILED_CUPS_LENGTH} characters; "
            f"{len(short)} have fewer: {', '.join(short)}"
        )
    ]


def _warn_of_bonus(plan: PlannedYear) -> list[str]:
    """Name those whose social bonus stops below what they draw, where euros are of bills."""
    bills = plan.billed.bills
    if bills is None or plan.request.prices is PriceBasis.STORED:
        return []
    pairs = zip(plan.members, bills.are_above_bonus, strict=True)
    above = [member.member_id for member, is_above in pairs if is_above]
    if not above:
        return []
    return [
        (
            "the yearly limit of the social bonus binds, which the bound does not see:"
            f" {name_some(above, ', ')}"
        )
    ]


def _warn_of_gap(plan: PlannedYear) -> list[str]:
    """Say why better coefficients may exist."""
    choice = plan.choice
    missing = choice.upper_bound - choice.value
    if choice.is_optimum or not choice.convex_steps.size or missing < _CENT:
        return []
    return [
        (
            f"in {choice.convex_steps.size} intervals surplus earns more than energy costs, so"
            f" savings are not concave: up to {missing:,.2f} EUR more may be possible"
        )
    ]
