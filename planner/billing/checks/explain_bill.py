"""Why a retailer's bill differs from ours: causes in a fixed order, whose cents sum exactly.

Our bill is turned into theirs one figure at a time. What a figure changes, with the taxes on it,
is what its cause is worth: so the causes sum to the difference, whatever they are.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from planner.billing.checks.bill_state import (
    BASE_OF_DISCOUNT,
    TAXES,
    BillPart,
    BillState,
    TaxMode,
)
from planner.billing.checks.bill_terms import CENTS, Term, TermKey
from planner.billing.checks.term_steps import BillCause, TermStep, name_rest, walk_term

_FOLLOWERS = {
    Term.COMPENSATION_LIMIT: BillCause.COMPENSATION_LIMIT,
    **dict.fromkeys(BASE_OF_DISCOUNT, BillCause.DISCOUNT),
}
"""Terms that follow others, and where they become theirs."""
_BY_PERIOD = frozenset(
    {BillCause.POWER, BillCause.POWER_PRICE, BillCause.ENERGY, BillCause.ENERGY_PRICE}
)

_Change = tuple[BillCause, int | None, int, int]


@dataclass(frozen=True, slots=True)
class CauseShare:
    """What a cause is worth.

    Attributes
    ----------
    cause : BillCause
        Which.
    tariff_period : int or None
        Of power or energy, which period; None where the bills do not tell.
    cents : int
        How much more their bill is for it, taxes included [cents].
    tax_cents : int
        Taxes in that [cents].
    """

    cause: BillCause
    tariff_period: int | None
    cents: int
    tax_cents: int


def explain_bill(parts: Sequence[BillPart], total_cents: int) -> tuple[CauseShare, ...]:
    """Tell why their bill differs from ours.

    Parameters
    ----------
    parts : sequence of BillPart
        The bill, in parts of the same taxes where both tell their days.
    total_cents : int
        What their bill amounts to [cents].

    Returns
    -------
    tuple of CauseShare
        In the order of the causes, without those of nothing. They sum to their total less ours.

    Notes
    -----
    Where a figure changes, everything that follows from it changes too: discounts that are a
    share of it, the limit of the compensation, and both taxes.
    """
    found: defaultdict[tuple[BillCause, int | None], list[int]] = defaultdict(lambda: [0, 0])
    for part in parts:
        for cause, period, cents, taxes in _turn_into_theirs(BillState(part)):
            found[cause, period][0] += cents
            found[cause, period][1] += taxes
    stated = [line.cents for part in parts for line in part.theirs]
    rest = total_cents - sum(stated)
    found[name_rest(rest, len(stated), BillCause.LINE_SUM), None][0] += rest
    order = list(BillCause)
    return tuple(
        CauseShare(cause, period, *found[cause, period])
        for cause, period in sorted(found, key=lambda key: (order.index(key[0]), key[1] or 0))
        if any(found[cause, period])
    )


def _turn_into_theirs(state: BillState) -> Iterator[_Change]:
    """Replace the figures of our bill by theirs, one by one, and tell what each changes."""
    walks = {
        key: walk_term(key.term, *pair)
        for key, pair in state.terms.items()
        if key.term not in _FOLLOWERS
    }
    for cause in BillCause:
        for key, steps in walks.items():
            for step in steps:
                if step.cause is cause:
                    yield _take_step(state, key, step)
        for key in state.terms:
            if _FOLLOWERS.get(key.term) is cause:
                yield _settle(state, key, cause)
    for tax in TAXES:
        yield from _take_tax(state, tax)


def _take_step(state: BillState, key: TermKey, step: TermStep) -> _Change:
    before = state.sum_up()
    state.cents[key] = step.cents
    if step.cause is BillCause.ENERGY:
        theirs = state.terms[key][1]
        state.kwh[key] = (theirs.quantity if theirs else None) or state.kwh[key] * 0
    period = key.tariff_period if step.cause in _BY_PERIOD else None
    return step.cause, period, *_tell_change(state, before)


def _settle(state: BillState, key: TermKey, cause: BillCause) -> _Change:
    """Let a discount or the limit be what they print, or nothing."""
    before = state.sum_up()
    theirs = state.terms[key][1]
    state.cents[key] = theirs.cents if theirs else 0
    state.settled.add(key.term)
    return cause, None, *_tell_change(state, before)


def _take_tax(state: BillState, tax: Term) -> Iterator[_Change]:
    """Go from our tax to theirs: its rate, what it is taken of, and the rest."""
    ours, theirs = state.taxes[tax]
    if ours == theirs and state.bases[tax] == state.first_bases[tax]:
        return
    if not ours.has_rate_of(theirs):
        is_electricity = tax is Term.ELECTRICITY_TAX
        cause = BillCause.ELECTRICITY_TAX_RATE if is_electricity else BillCause.SALES_TAX_RATE
        yield cause, None, *_change_mode(state, tax, TaxMode.THEIR_RATE)
    if theirs.base_eur is not None and theirs.base_eur * CENTS != state.bases[tax]:
        yield BillCause.TAX_BASE, None, *_change_mode(state, tax, TaxMode.STATED)
    rest = theirs.cents - state.levy(tax, state.bases[tax])
    yield name_rest(rest, theirs.n_lines), None, *_change_mode(state, tax, TaxMode.SETTLED)


def _change_mode(state: BillState, tax: Term, mode: TaxMode) -> tuple[int, int]:
    before = state.sum_up()
    state.modes[tax] = mode
    return _tell_change(state, before)


def _tell_change(state: BillState, before: tuple[int, int]) -> tuple[int, int]:
    total, taxes = state.sum_up()
    return total - before[0], taxes - before[1]
