"""What schemathesis sends for the schema's own scalars: what fits, what almost does, and what not.

Also the hooks of the command line, which should run the check below alone, because its own checks
take every error of GraphQL for a fault::

    SCHEMATHESIS_HOOKS=tests.api.schemathesis_strategies \\
    schemathesis run URL/graphql --checks answered_without_fault
"""

from pathlib import Path
from typing import Any

import schemathesis
from graphql import (
    DocumentNode,
    GraphQLInputObjectType,
    NullValueNode,
    ObjectValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    visit,
)
from hypothesis import strategies as st
from schemathesis.graphql import nodes

KNOWN_CAU = "ES0031300009000001GH0FA000"
"""The installation that tests and the fuzzing server store."""

_texts = st.text(max_size=40)
_wild = st.one_of(_texts.map(nodes.String), st.integers(-(2**40), 2**40).map(nodes.Int))


def _mostly(strategy: st.SearchStrategy) -> st.SearchStrategy:
    """Send what fits three times out of four."""
    return st.integers(0, 3).flatmap(lambda pick: strategy if pick else _wild)


_codes = st.sampled_from([KNOWN_CAU, KNOWN_CAU[:22], KNOWN_CAU[:20], KNOWN_CAU.lower()])
_coefficients = st.integers(0, 1_000_000).map(lambda millionths: f"{millionths / 1e6:.6f}")

for name, strategy in {
    "Cau": st.one_of(st.just(KNOWN_CAU), _codes).map(nodes.String),
    "Cups": _codes.map(nodes.String),
    "Coefficient": _coefficients.map(nodes.String),
    "Share": st.floats(0, 1).map(nodes.Float),
    "Kwh": st.floats(allow_nan=False, allow_infinity=False).map(nodes.Float),
    "Kw": st.floats(allow_nan=False, allow_infinity=False).map(nodes.Float),
    "Euro": st.decimals(-(10**9), 10**9, places=2).map(str).map(nodes.String),
    "EuroPerKwh": st.decimals(-10, 10, places=6).map(str).map(nodes.String),
    "Date": st.dates().map(str).map(nodes.String),
    "DateTime": st.datetimes(timezones=st.timezones()).map(
        lambda instant: nodes.String(instant.isoformat())
    ),
    "Period": st.tuples(st.dates(), st.dates()).map(
        lambda days: nodes.String("/".join(map(str, sorted(days))))
    ),
    "ExactKwh": _wild,
    "KwhValues": _wild,
    "EuroValues": _wild,
    "SeriesAmounts": _wild,
    "PackedAmounts": _wild,
}.items():
    schemathesis.graphql.scalar(name, _mostly(strategy))


SCHEMA = build_schema(
    (Path(__file__).parents[2] / "api" / "graphql" / "schema.graphql").read_text(encoding="utf-8"),
    no_location=True,
)


class _OneOf(Visitor):
    """Leave one key, with a value, in every object of a type that takes exactly one."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types

    def leave_object_value(self, node: ObjectValueNode, *_rest: Any) -> ObjectValueNode:
        """Keep the first; an object without any stays as it is, and is refused."""
        kind = get_named_type(self.types.get_input_type())
        given = [field for field in node.fields if not isinstance(field.value, NullValueNode)]
        if given and isinstance(kind, GraphQLInputObjectType) and kind.is_one_of:
            return ObjectValueNode(fields=(given[0],))
        return node


@schemathesis.hook
def map_body(_context: object, body: DocumentNode) -> DocumentNode:
    """Mend what schemathesis sends: it knows nothing of ``@oneOf``."""
    types = TypeInfo(SCHEMA)
    return visit(body, TypeInfoVisitor(types, _OneOf(types)))


@schemathesis.check
def answered_without_fault(
    _context: object, response: schemathesis.Response, _case: object
) -> None:
    """Whatever is asked, the program is not at fault; typed refusals are answers too."""
    assert response.status_code < 500
    errors = response.json().get("errors", [])
    assert "UNEXPECTED" not in {error["extensions"]["code"] for error in errors}, errors
