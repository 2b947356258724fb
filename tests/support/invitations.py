"""Accounts that are made by e-mail: a real mail server, and the links that it took."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import select

from api.app import create_app
from api.clients.smtp import MailSecurity
from api.clock import now
from api.graphql.node import write_global_id
from api.jobs.worker import drain_queue
from api.services.outbox.run_sending import ask_for_sending
from api.session_cookie import COOKIE
from models.session import read_session
from models.tables import Community, Member
from models.values.access import Role
from tests.support.accounts_of_roles import COMMUNITY, Caller, carry
from tests.support.api import Api, connect
from tests.support.mail_servers import SENDER, Mailbox, serving_mail

LINK = re.compile(r"https://reparto\.example/(?P<purpose>[a-z-]+)#(?P<secret>\S+)")
PASSWORD = "otra clave bien larga"

INVITE = """mutation ($input: InviteAccountInput!) { inviteAccount(input: $input) {
  account { id email name role language awaitsAcceptance disabledAt hasSecondFactor
    grants { totalCount } }
  userErrors { code message path }
} }"""
ACCEPT = """mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) {
  viewer { role email } userErrors { code message path }
} }"""
SIGN_IN = """mutation ($input: SignInInput!) { signIn(input: $input) {
  viewer { email } userErrors { code }
} }"""


@dataclass(frozen=True)
class Post:
    """The API, and a mail server for what it sends."""

    api: Api
    mailbox: Mailbox

    def deliver(self) -> list[tuple[str, str, str]]:
        """Send what is due: give recipient, purpose and secret of each link that was taken."""
        before = len(self.mailbox.taken)
        ask_for_sending(engine=self.api.engine, now=now())
        drain_queue(self.api.settings)
        found = []
        for mail in self.mailbox.read()[before:]:
            link = LINK.search(mail.get_content())
            found.append((mail["To"], *(link.groups() if link else ("", ""))))
        return sorted(found)

    def nobody(self) -> Caller:
        """Call as somebody who has not said who they are."""
        return Caller(self.api, Role.PUBLIC)

    def invite(self, caller: Caller, **wish: Any) -> dict[str, Any]:
        """Invite somebody of whom only some things matter."""
        given = {"email": "nova@vila.example", "name": "Nova", "role": "PROMOTER_STAFF"} | wish
        return caller.ask(INVITE, input=given)["inviteAccount"]

    def accept(self, secret: str) -> tuple[dict[str, Any], Caller]:
        """Take an invitation up, and go on in the session that it begins."""
        answer = self.nobody().post(ACCEPT, input={"secret": secret, "password": PASSWORD})
        told = answer.json()["data"]["acceptInvitation"]
        cookie = answer.cookies.get(COOKIE)
        self.api.client.session.cookies.clear()
        return told, Caller(self.api, Role.PUBLIC, carry(cookie) if cookie else {})

    def sign_in(self, email: str, password: str = PASSWORD) -> dict[str, Any]:
        """Sign in, and forget it."""
        given = {"email": email, "password": password}
        told = self.nobody().ask(SIGN_IN, input=given)["signIn"]
        self.api.client.session.cookies.clear()
        return told


@contextmanager
def posting(api: Api) -> Iterator[Post]:
    """Serve the database of an API again, by one that sends what it queues."""
    with serving_mail() as mailbox:
        settings = api.settings.model_copy(
            update={
                "smtp_host": "127.0.0.1",
                "smtp_port": mailbox.port,
                "smtp_security": MailSecurity.NONE,
                "smtp_from": SENDER,
            }
        )
        with connect(create_app(settings)) as client:
            yield Post(replace(api, client=client, settings=settings), mailbox)


def name_community(api: Api, code: str = COMMUNITY) -> str:
    """Give the global id of a community."""
    with read_session(api.engine) as session:
        found = session.exec(select(Community).where(Community.code == code)).one()
    return write_global_id(Community, found.id)


def name_member(api: Api, code: str, community: str = COMMUNITY) -> str:
    """Give the global id of a member."""
    with read_session(api.engine) as session:
        rows = select(Member).join(Community).where(Community.code == community)
        found = session.exec(rows.where(Member.code == code)).one()
    return write_global_id(Member, found.id)
