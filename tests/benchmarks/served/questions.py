"""What the served API is asked, what of it is measured, and the bars."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.served.community import CAU, N_MEMBERS, YEAR

_SMALL = "query Small($id: ID!) { community(id: $id) { id code name timezone zone } }"
_MEMBERS = f"""query Members($id: ID!) {{ community(id: $id) {{
  members(first: {N_MEMBERS}) {{ totalCount pageInfo {{ hasNextPage endCursor }} edges {{ node {{
    id code kind
    supplyPoints {{ edges {{ node {{ id cups tariff contractedPowerKw }} }} }}
  }} }} }}
  installations {{ edges {{ node {{ cau publishedAgreement {{ id state fileYear
    coefficients(first: {N_MEMBERS}) {{ edges {{ node {{ coefficient supplyPoint {{ cups }} }} }} }}
  }} }} }} }}
}} }}"""
_YEAR = """query Year($cau: Cau!, $year: Int!) { installation(cau: $cau) {
  energy(measure: GENERATION, year: $year, resolution: HOUR) { start step unit values }
} }"""
_YEARS = """query Years($id: ID!, $year: Int!) { community(id: $id) {
  members(first: 50) { edges { node { code
    energy(measure: CONSUMPTION, year: $year, resolution: HOUR) { start step unit values }
  } } }
} }"""


@dataclass(frozen=True, slots=True)
class Question:
    """One measured question.

    Attributes
    ----------
    name : str
        In the table, and where the bare endpoint answers as much.
    query : str
        The document.
    bar : float
        How many bare answers it may cost at most.
    n_requests : int
        Requests a round.
    n_parts : int
        By how many its cost is divided.
    yardstick : str
        Whose bare answer is the measure, if not its own.
    """

    name: str
    query: str
    bar: float
    n_requests: int
    n_parts: int = 1
    yardstick: str = ""
    variables: dict[str, Any] = field(default_factory=dict)

    def write(self, community_id: str) -> bytes:
        """Write the body of its request."""
        known = {"id": community_id, "cau": CAU, "year": YEAR}
        named = {name: value for name, value in known.items() if f"${name}:" in self.query}
        return json.dumps({"query": self.query, "variables": named}).encode()


QUESTIONS = (
    Question("small query", _SMALL, 4, 200),
    Question("100 members, supply points, agreement", _MEMBERS, 40, 10),
    Question("hours of a year", _YEAR, 3, 40),
    Question("hours of a year of 50 members, each", _YEARS, 3, 2, 50, "hours of a year"),
)
