"""Who invites one address again and again fills no mailbox, and hears nothing of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from api.policies import GIVES
from api.services.accounts.access_subjects import AccessSubjects
from api.services.accounts.grant_access import withdraw_access
from api.services.accounts.invite_account import Invitation, invite_account
from api.services.accounts.resend_invitation import resend_invitation
from models.session import read_session, write_session
from models.tables import MessageState, OneTimeLink, OutboxMessage, Promoter, UserAccount
from models.values.access import Reach, Role
from tests.support.sign_ups import DESK
from tests.support.stored_records import StoredCommunity, add_community

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
EMAIL = "ana@vila.example"


class Manager:
    """Who looks after one community, and sees nothing beside it."""

    def __init__(self, engine: Engine, stored: StoredCommunity) -> None:
        self.engine = engine
        self.promoter_id = stored.community.promoter_id
        self.reach = Reach(self.promoter_id, frozenset({stored.community.id}))
        self.subjects = AccessSubjects(member_ids=(stored.members[0].id,))

    def do(self, use_case: Any, **more: Any) -> Any:
        """Do something in a transaction of its own."""
        gives = GIVES[Role.COMMUNITY_MANAGER]
        with write_session(self.engine, self.reach) as session:
            return use_case(session, promoter_id=self.promoter_id, gives=gives, **more)

    def invite(self, *, after: timedelta = timedelta(0)) -> UserAccount:
        """Invite its first member."""
        invitation = Invitation(EMAIL, "Ana", Role.MEMBER, subjects=self.subjects)
        told = self.do(invite_account, invitation=invitation, desk=DESK, now=NOW + after)
        return told.account

    def withdraw(self, account: UserAccount) -> None:
        """Take back what the invitation was for."""
        self.do(withdraw_access, account_id=account.id, subjects=self.subjects)


@pytest.fixture
def managers(engine: Engine, promoter: Promoter) -> list[Manager]:
    with write_session(engine) as session:
        stored = [add_community(session, promoter.id, number=number) for number in (1, 2)]
    return [Manager(engine, each) for each in stored]


def list_hours(engine: Engine) -> list[float]:
    """List when e-mails go that are not stopped, in hours from the first."""
    with read_session(engine) as session:
        dues = session.exec(
            select(OutboxMessage.due_at)
            .where(OutboxMessage.state == MessageState.WAITING)
            .order_by(col(OutboxMessage.due_at))
        )
        return [(due - NOW) / HOUR for due in dues]


def test_who_withdraws_and_invites_again_is_answered_alike_and_fills_no_mailbox(engine, managers):
    manager, _ = managers
    told = []
    for _ in range(12):
        account = manager.invite()
        told.append(account.model_dump(exclude={"id"}))
        manager.withdraw(account)
    assert told == told[:1] * 12
    assert list_hours(engine) == [0, 0, 0, 1]
    with read_session(engine) as session:
        assert len(session.exec(select(UserAccount)).all()) == 1
        link = session.exec(select(OneTimeLink)).one()
    assert link.expires_at == NOW + HOUR + timedelta(days=7)


def test_others_wait_an_hour_at_most_for_who_floods(engine, managers):
    hostile, other = managers
    for _ in range(6):
        hostile.withdraw(hostile.invite())
    other.invite()
    assert list_hours(engine) == [0, 0, 0, 1]


def test_what_others_were_invited_for_stays(engine, managers):
    one, other = managers
    for _ in range(4):
        account = one.invite()
        one.withdraw(account)
    one.invite()
    other.invite()
    assert list_hours(engine) == [0, 0, 0, 1, 3]
    with read_session(engine) as session:
        assert len(session.exec(select(UserAccount)).all()) == 2


def test_reminders_go_hours_apart_and_the_newest_stays(engine, managers):
    manager, _ = managers
    account = manager.invite()
    for hour in (0, 0, 2, 2, 2):
        later = NOW + hour * HOUR
        manager.do(resend_invitation, account_id=account.id, desk=DESK, now=later)
    assert list_hours(engine) == [0, 0, 0, 2, 4]
    with read_session(engine) as session:
        live = session.exec(select(OneTimeLink).where(col(OneTimeLink.used_at).is_(None))).one()
    assert live.expires_at == NOW + 4 * HOUR + timedelta(days=7)


def test_a_day_later_they_go_at_once_again(engine, managers):
    manager, _ = managers
    for _ in range(4):
        manager.withdraw(manager.invite())
    manager.invite(after=timedelta(hours=26))
    assert list_hours(engine) == [0, 0, 0, 1, 26]
