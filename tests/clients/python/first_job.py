"""Does a manager's first job with the generated client: python first_job.py URL TOKEN."""

import asyncio
import sys
from datetime import UTC
from decimal import Decimal
from urllib.parse import urljoin

import httpx
from reparto_client import (
    AcceptAcceptProposal,
    AcceptProposalInput,
    ErrorCode,
    FollowJobJobResultCoefficientProposal,
    JobState,
    ProposeCoefficientsInput,
    ProposeProposeCoefficients,
    Reparto,
    Resolution,
)

YEAR = 2025


class RefusedError(Exception):
    """The business refuses; each error names a code, a message and the input at fault."""


def require_done(outcome: AcceptAcceptProposal | ProposeProposeCoefficients) -> None:
    """Raise what a mutation was refused for."""
    if outcome.user_errors:
        raise RefusedError("\n".join(error.message for error in outcome.user_errors))


def connect(url: str, token: str) -> Reparto:
    """Make a client that asks over HTTP and follows jobs over a WebSocket."""
    authorization = f"Bearer {token}"
    return Reparto(
        url,
        headers={"Authorization": authorization},
        ws_url=url.replace("http", "ws", 1),
        ws_connection_init_payload={"authorization": authorization},
    )


async def read_year(reparto: Reparto, cau: str) -> list[float]:
    """Read the generation of each hour [kWh]."""
    installation = (await reparto.read_energy(cau, YEAR, Resolution.HOUR)).installation
    assert installation is not None
    assert installation.energy is not None
    start = installation.energy.start.astimezone(UTC)
    assert start.isoformat() == "2024-12-31T23:00:00+00:00"
    return installation.energy.values


async def propose(
    reparto: Reparto, wish: ProposeCoefficientsInput
) -> FollowJobJobResultCoefficientProposal:
    """Ask for coefficients, and wait until they are found."""
    asked = (await reparto.propose(wish)).propose_coefficients
    require_done(asked)
    assert asked.job is not None
    async for event in reparto.follow_job(asked.job.id):
        if event.job is not None and event.job.state is JobState.SUCCEEDED:
            assert isinstance(event.job.result, FollowJobJobResultCoefficientProposal)
            return event.job.result
    raise RuntimeError("the job failed")


async def do_first_job(url: str, token: str) -> str:
    """List communities, read a year, propose, accept, fetch the file; tell what was done."""
    async with connect(url, token) as reparto:
        communities = (await reparto.list_communities()).communities
        cau = communities.edges[0].node.installations.edges[0].node.cau
        hours = await read_year(reparto, cau)

        wish = ProposeCoefficientsInput(cau=cau, year=YEAR, floor=0.6, minBeta=Decimal("0.005"))
        wrong = wish.model_copy(update={"max_beta": Decimal("0.004")})
        refused = (await reparto.propose(wrong)).propose_coefficients
        assert [error.code for error in refused.user_errors] == [ErrorCode.INVALID_ARGUMENT]
        proposal = await propose(reparto, wish)
        assert proposal.members.edges[0].node.beta >= Decimal("0.005")

        accepting = AcceptProposalInput(proposalId=proposal.id, fileYear=2029)
        accepted = (await reparto.accept(accepting)).accept_proposal
        require_done(accepted)
        assert accepted.agreement is not None
        link = accepted.agreement.downloads.distributor_file
    async with httpx.AsyncClient() as browser:
        lines = (await browser.get(urljoin(url, link))).raise_for_status().text.splitlines()
    assert sum(Decimal(line.split(";")[1].replace(",", ".")) for line in lines) == 1
    return f"ariadne-codegen read {len(hours)} hours, and accepted {len(lines)} coefficients"


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(do_first_job(*sys.argv[1:3]))}\n")
