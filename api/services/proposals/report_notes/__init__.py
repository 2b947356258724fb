"""The notes sheet of the report: sources, units, method and proof, in the report's language."""

import re

import numpy as np

from api.services.proposals.plan_coefficients import PlannedYear
from api.services.proposals.plan_request import Robust
from api.services.proposals.report_notes.limits import word_limits
from api.services.proposals.report_notes.texts import read_texts
from api.services.proposals.retail_question import PriceBasis
from loaders.report_texts import texts_in
from models.values.calendar import local_times
from models.values.language import Language

_ONE_PERCENT = 0.01
_MOST_DATES = 5
_DECIMALS = 6
_PERCENT_UNIT = "1"


def write_notes_on(plan: PlannedYear, language: Language) -> list[tuple[str, str]]:
    """Write the notes of a plan's report.

    Parameters
    ----------
    plan : PlannedYear
        Coefficients, proof and scenarios.
    language : Language
        Language of the notes, one TOML file each beside this one.

    Returns
    -------
    list of tuple of str
        Topic and text; some texts have several lines.
    """
    texts = read_texts(language)
    facts = _Facts(plan, language).gather()
    present = _list_what_is_there(plan)
    return [
        (note["topic"], note["text"].format(**facts))
        for note in texts["notes"]
        if note.get("needs") in present
    ]


def word_method(method: str, language: Language) -> str:
    """Say how the planner found something.

    Parameters
    ----------
    method : str
        As the planner calls it.
    language : Language
        Language of the answer.

    Returns
    -------
    str
        In words for promoters; the planner's own where there are none for it.

    Examples
    --------
    >>> word_method("linear program over chosen breakpoints, 3 rounds", Language.SPANISH)
    'programa lineal sobre puntos elegidos, refinado hasta certificar la distancia (rondas: 3)'
    """
    for phrase in read_texts(language)["methods"]:
        method = re.sub(phrase["says"], phrase["means"], method)
    return method


def _list_what_is_there(plan: PlannedYear) -> set[str | None]:
    """List what notes may need; None for those that need nothing."""
    choice = plan.choice
    answers = {
        "sum": choice.multipliers is not None,
        "level": choice.multipliers is None,
        "recheck": plan.recheck is not None,
        "prices": plan.proposal.savings_eur is not None,
        "stored": plan.request.prices is PriceBasis.STORED,
        "retail": plan.request.prices is PriceBasis.RETAIL,
        "curve": plan.curve is not None,
        "classes": plan.by_class is not None,
        "unseen": bool(plan.survivals),
        "robust": plan.robust is not None,
        "convex": bool(choice.convex_steps.size) and choice.is_optimum,
        "caution": bool(choice.convex_steps.size) and not choice.is_optimum,
    }
    return {None, *(name for name, is_there in answers.items() if is_there)}


class _Facts:
    """What fills the gaps of the notes."""

    def __init__(self, plan: PlannedYear, language: Language) -> None:
        self.plan = plan
        self.language = language
        self.texts = read_texts(language)
        self.fixed = texts_in(language)

    def gather(self) -> dict[str, str]:
        """Gather everything that a note may name."""
        plan, phrases = self.plan, self.texts["phrases"]
        has_prices = plan.proposal.savings_eur is not None
        return {
            "cau": str(plan.installation.cau),
            "year": str(plan.community.year),
            "objective": self.word_objective(),
            "limits": "\n".join(word_limits(plan, self.language)),
            "steps": self.fixed.number(plan.community.generation_kwh.shape[1], ",d"),
            "minutes": str(plan.community.step.seconds // 60),
            "members": str(len(plan.members)),
            "prices": phrases["priced" if has_prices else "unpriced"],
            "solver": plan.choice.solver,
            "method": word_method(plan.choice.method, self.language),
            "rounding": self.word_rounding(),
            "checks": "" if plan.recheck is None else str(len(plan.recheck.checks)),
            "least": phrases["by_money" if has_prices else "by_energy"],
            "gainers": "".join(f"\n{line}" for line in self.count_gainers()),
            **self.state_proof(),
            **self.list_convex_days(),
        }

    def state_proof(self) -> dict[str, str]:
        """Give value, bound and prices with the unit of the objective."""
        choice = self.plan.choice
        price = choice.price or 0.0
        return {
            "bound": self.amount(choice.upper_bound),
            "value": self.amount(choice.value),
            "gap": self.fixed.number(choice.gap, ".1e"),
            "price": self.amount(price),
            "one_percent": self.amount(_ONE_PERCENT * price),
            "limit_prices": "".join(f"\n{line}" for line in self.price_limits()),
        }

    def amount(self, value: float) -> str:
        """Write a value of the objective."""
        unit = self.plan.goal.objective.unit
        scaled = 100 * value if unit == _PERCENT_UNIT else value
        # Zero has no sign.
        shown = round(scaled, _DECIMALS) + 0.0
        return f"{self.fixed.number(shown, f',.{_DECIMALS}f')} {self.fixed.units[unit]}"

    def price_limits(self) -> list[str]:
        """Say what one percent more in the limits that tie members together would bring."""
        proof, phrases = self.plan.choice.multipliers, self.texts["phrases"]
        if proof is None:
            return []
        lines = [
            phrases["prices"].format(label=label, worth=self.amount(_ONE_PERCENT * price))
            for label, price in proof.groups.items()
        ]
        if self.plan.choice.region.change is not None:
            worth = self.amount(_ONE_PERCENT * proof.change)
            lines.append(phrases["change"].format(worth=worth))
        return lines

    def word_objective(self) -> str:
        """Say what was made as large as possible."""
        goal, phrases = self.plan.goal, self.texts["phrases"]
        facts: dict[str, str] = {}
        if goal.carbon is not None:
            factor = self.fixed.number(goal.carbon.kg_per_kwh, ",g")
            facts = {"factor": factor, "source": goal.carbon.label}
        if goal.mix is not None:
            counted = {"kWh": goal.mix.kwh, "EUR": goal.mix.eur, "kg": goal.mix.kg}
            facts["weights"] = ", ".join(
                phrases["weight"].format(
                    points=self.fixed.number(points, ",g"), unit=self.fixed.units[unit]
                )
                for unit, points in counted.items()
                if points
            )
        told: str = self.texts["objectives"][goal.objective].format(**facts)
        if goal.mix is not None and goal.carbon is not None:
            told += self.texts["objectives"]["carbon"].format(**facts)
        return told

    def word_rounding(self) -> str:
        """Say how coefficients came onto their grid."""
        plan = self.plan
        blocks = plan.choice.region.blocks
        if plan.robust is not None and plan.robust.kind is Robust.WORST_TENTH:
            kind = "nearest"
        elif plan.choice.multipliers is None:
            kind = "levels"
        else:
            kind = "least_loss" if blocks is None else "blocks"
        told: str = self.texts["rounding"][kind]
        return told.format(blocks=blocks)

    def count_gainers(self) -> list[str]:
        """Say for every rule how many gain and lose, by money where there are prices."""
        return [
            self.texts["phrases"]["gainers"].format(
                rule=self.fixed.rules[change.rule], winners=tally.winners, losers=tally.losers
            )
            for change in self.plan.comparison.changes
            for tally in [change.by_savings or change.by_energy]
        ]

    def list_convex_days(self) -> dict[str, str]:
        """Say in which intervals surplus earns more than energy costs."""
        steps, community = self.plan.choice.convex_steps, self.plan.community
        clock = local_times(community.year, community.timezone, community.step)
        days = np.unique(clock[steps].astype("datetime64[D]"))
        more = ["…"] if days.size > _MOST_DATES else []
        return {
            "convex_steps": self.fixed.number(steps.size, ",d"),
            "convex_days": str(days.size),
            "convex_dates": ", ".join([*map(str, days[:_MOST_DATES].tolist()), *more]),
        }
