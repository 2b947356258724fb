"""The limits of a plan in words, each under the label that proofs and errors call it by."""

from collections.abc import Sequence
from decimal import Decimal

from api.services.proposals.limits_document import CoefficientWish, FloorWish, GroupWish
from api.services.proposals.plan_coefficients import PlannedYear
from api.services.proposals.report_notes.texts import read_texts
from loaders.report_texts import texts_in
from models.values.language import Language

_MOST_NAMES = 8


def word_limits(plan: PlannedYear, language: Language) -> list[str]:
    """Say what the coefficients had to keep.

    Parameters
    ----------
    plan : PlannedYear
        With its request.
    language : Language
        Language of the sentences.

    Returns
    -------
    list of str
        One a limit, such as ``floor · everybody: at least 90 % of the kWh ...``; one that says so
        where there is none.
    """
    request = plan.request
    words = _Words(language)
    floors = list(request.limits.floor)
    if request.floor_share is not None:
        floors.insert(0, FloorWish(share=request.floor_share, reference=request.reference))
    ranges = [
        CoefficientWish(at_least=request.min_beta, at_most=request.max_beta),
        *request.limits.coefficient,
    ]
    lines = [words.say_floor(floor) for floor in floors]
    lines += [line for wish in ranges for line in words.say_coefficient(wish)]
    lines += [line for group in request.limits.group for line in words.say_group(group)]
    return [*lines, *words.say_of_all(plan)] or [words.texts["none"]]


class _Words:
    """Sentences on limits in one language."""

    def __init__(self, language: Language) -> None:
        self.texts = read_texts(language)["limits"]
        self.fixed = texts_in(language)

    def number(self, value: Decimal | int) -> str:
        """Write a number as it was asked for, without idle zeros."""
        return self.fixed.number(Decimal(value).normalize(), ",f")

    def who(self, names: Sequence[str] | None, kinds: Sequence[str] | None) -> str:
        """Name those whom a limit is about, the first of them where there are many."""
        listed = list(names or ())
        listed += [self.texts["kind"].format(kind=kind) for kind in kinds or ()]
        rest = len(listed) - _MOST_NAMES
        if rest > 0:
            listed = [*listed[:_MOST_NAMES], self.texts["more"].format(count=rest)]
        return ", ".join(listed) or self.texts["everybody"]

    def say(self, label: str, text: str, **facts: str) -> str:
        """Fill a sentence and put the limit's label before it."""
        return f"{label} · {self.texts[text].format(**facts)}"

    def say_floor(self, wish: FloorWish) -> str:
        """Say a floor."""
        return self.say(
            "floor" if wish.unit == "kwh" else "floor_in_euros",
            "floor",
            who=self.who(wish.members, wish.kinds),
            share=self.number(100 * wish.share),
            unit=self.fixed.units["kWh" if wish.unit == "kwh" else "EUR"],
            rule=self.fixed.rules[wish.reference].lower(),
        )

    def say_coefficient(self, wish: CoefficientWish) -> list[str]:
        """Say a least, greatest or fixed coefficient."""
        who = self.who(wish.members, wish.kinds)
        if wish.exactly is not None:
            exactly = self.number(wish.exactly)
            return [self.say("fixed_coefficient", "fixed_coefficient", who=who, exactly=exactly)]
        lines = []
        if wish.at_least > 0:
            least = self.number(wish.at_least)
            lines.append(self.say("least_coefficient", "least_coefficient", who=who, least=least))
        if wish.at_most < 1:
            most = self.number(wish.at_most)
            label = "greatest_coefficient"
            lines.append(self.say(label, label, who=who, greatest=most))
        return lines

    def say_group(self, wish: GroupWish) -> list[str]:
        """Say a group's least and greatest sum."""
        who, lines = self.who(wish.members, wish.kinds), []
        if wish.at_least > 0:
            label, least = f"group_least_{wish.name}", self.number(wish.at_least)
            lines.append(self.say(label, "group_least", who=who, least=least))
        if wish.at_most < 1:
            label, most = f"group_greatest_{wish.name}", self.number(wish.at_most)
            lines.append(self.say(label, "group_greatest", who=who, greatest=most))
        return lines

    def say_of_all(self, plan: PlannedYear) -> list[str]:
        """Say what can be asked for once: change, blocks, contribution, payback."""
        limits, lines = plan.request.limits, []
        if limits.change is not None:
            lines += self.say_change(limits.change.each, limits.change.total)
        if limits.blocks is not None:
            lines.append(self.say_blocks(limits.blocks.count, limits.blocks.kw))
        if limits.contribution is not None:
            cost = self.number(limits.contribution.yearly_cost_eur)
            lines.append(self.say("contribution", "contribution", cost=cost))
        if limits.payback is not None:
            who = self.who(limits.payback.members, limits.payback.kinds)
            years = self.number(limits.payback.years)
            lines.append(self.say("payback", "payback", who=who, years=years))
        return lines

    def say_change(self, each: Decimal | None, total: Decimal | None) -> list[str]:
        """Say how far coefficients may move from the current agreement."""
        lines = []
        if each is not None:
            lines.append(self.say("change_of_member", "change_of_member", each=self.number(each)))
        if total is not None:
            lines.append(self.say("change_in_total", "change_in_total", total=self.number(total)))
        return lines

    def say_blocks(self, count: int | None, kw: Decimal | None) -> str:
        """Say which blocks the plant is cut into."""
        if kw is not None:
            return self.say("whole_blocks", "whole_blocks_of_kw", kw=self.number(kw))
        return self.say("whole_blocks", "whole_blocks", count=self.number(count or 1))
