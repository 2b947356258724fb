"""When a mandate may be collected with, from which account, and as which of its collections."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from loaders.sepa.return_reasons import NextStep, find_return_reason
from models.repositories.debits import KnownDebit
from models.tables import Mandate, MandateAccount
from models.values.direct_debits import DebitOutcome, MandateKind, SequenceType
from models.values.period import add_months

SETTLING_DAYS = 21
"""Days from the recording of an account to the first collection from it."""

_LAPSE_MONTHS = 36
_DAY = timedelta(days=1)


class MandateState(StrEnum):
    """Whether something can be collected with a mandate on a day."""

    USABLE = "usable"
    TOO_NEW = "too-new"
    """Its only living account was recorded less than 21 days before."""
    ACCOUNT_UNUSABLE = "account-unusable"
    """A bank said that its account cannot be debited."""
    LAPSED = "lapsed"
    """It was not used for 36 months."""
    ENDED = "ended"
    """It was revoked, or a return ended it."""
    SPENT = "spent"
    """Its only or its last debit went out."""


@dataclass(frozen=True, slots=True)
class MandateHistory:
    """A mandate, the accounts it has named and all that was collected with it.

    Attributes
    ----------
    mandate : Mandate
        The mandate.
    accounts : sequence of MandateAccount
        Newest first.
    debits : sequence of KnownDebit
        By day.
    """

    mandate: Mandate
    accounts: Sequence[MandateAccount]
    debits: Sequence[KnownDebit]

    @property
    def lapses_on(self) -> date:
        """First day on which it is lapsed if it is not used before.

        36 months from the latest collection that was presented, even if it was rejected or
        returned; from the signature if there was none (EPC016-06, section 4.1).
        """
        used = [each.debit.collect_on for each in self.debits]
        before = self.mandate.last_used_on or self.mandate.signed_on
        return add_months(max([before, *used]), _LAPSE_MONTHS) + _DAY

    @property
    def collected(self) -> list[KnownDebit]:
        """Debits that a bank has not rejected, by day."""
        return [each for each in self.debits if each.outcome is not DebitOutcome.REJECTED]

    @property
    def is_spent(self) -> bool:
        """Whether its only or its last debit is under way or collected."""
        last = (SequenceType.ONE_OFF, SequenceType.FINAL)
        return any(
            each.debit.sequence in last and not each.outcome.has_failed for each in self.debits
        )

    @property
    def unusable_accounts(self) -> dict[object, str]:
        """Accounts that cannot be debited, by id, and the code that says so."""
        return {
            each.debit.account_id: each.code
            for each in self.debits
            if each.code is not None
            and each.outcome.has_failed
            and find_return_reason(each.code).next_step is NextStep.NEW_ACCOUNT
        }

    def judge(self, on: date) -> tuple[MandateState, MandateAccount | None]:
        """Tell whether something can be collected with it on a day, and from which account.

        Parameters
        ----------
        on : date
            Day of the collection.

        Returns
        -------
        tuple of MandateState and MandateAccount or None
            The account only where it is usable: the newest that was recorded 21 days before, or
            the one before it while it lives.
        """
        if self.mandate.ended_on is not None and self.mandate.ended_on <= on:
            return MandateState.ENDED, None
        if self.is_spent:
            return MandateState.SPENT, None
        if on >= self.lapses_on:
            return MandateState.LAPSED, None
        return self._choose_account(on)

    def choose_sequence(self, place: int) -> SequenceType:
        """Tell which of its collections the next debit is.

        Parameters
        ----------
        place : int
            0 for the first debit of a file with this mandate.

        Returns
        -------
        SequenceType
            The first one only if none went before, here or elsewhere, that was not rejected.
        """
        if self.mandate.kind is MandateKind.ONE_OFF:
            return SequenceType.ONE_OFF
        is_used = self.mandate.last_used_on is not None or bool(self.collected)
        return SequenceType.RECURRING if is_used or place else SequenceType.FIRST

    def is_amended(self, account: MandateAccount) -> bool:
        """Tell whether the bank last collected from another account of the mandate.

        Parameters
        ----------
        account : MandateAccount
            From which is collected now.

        Returns
        -------
        bool
        """
        collected = self.collected
        if collected:
            return collected[-1].debit.account_id != account.id
        return account.position > 0 and self.mandate.last_used_on is not None

    def _choose_account(self, on: date) -> tuple[MandateState, MandateAccount | None]:
        unusable = self.unusable_accounts
        for account in self.accounts:
            if account.id in unusable:
                is_newest = account is self.accounts[0]
                state = MandateState.ACCOUNT_UNUSABLE if is_newest else MandateState.TOO_NEW
                return state, None
            if account.usable_from <= on:
                return MandateState.USABLE, account
            if account.closes_previous:
                break
        return MandateState.TOO_NEW, None
