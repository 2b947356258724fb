"""What is answered at once looks as if strawberry had answered it."""

import asyncio
from enum import Enum

import pytest
import strawberry
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from api.graphql.lean_execution import LeanExecution, make_lean
from models.values.errors import InvalidArgumentError


@strawberry.enum
class Colour(Enum):
    RED = "red"


class Record:
    """What a resolver hands on."""

    name = "a"
    nothing = None
    colour = Colour.RED
    is_there = True
    number = 3
    wrong = 7

    @property
    def refused(self) -> str:
        raise InvalidArgumentError("not this")


@strawberry.type
class Shown:
    name: str
    nothing: str | None
    missing: str | None
    colour: Colour
    is_there: bool
    number: int
    wrong: Colour | None
    refused: str | None

    @strawberry.field
    async def other(self) -> "Shown":
        return Record()

    @strawberry.field
    def same(self) -> "Shown":
        return self

    @strawberry.field
    def sum(self, info: strawberry.Info, first: int = 1, second: int | None = None) -> int:
        return first + (second or 0) + len(info.field_name)


@strawberry.type
class Query:
    @strawberry.field
    def record(self) -> Shown:
        return Record()


def build(kind: type) -> strawberry.Schema:
    return strawberry.Schema(Query, execution_context_class=kind)


USUAL = build(StrawberryGraphQLCoreExecutionContext)
LEAN = build(LeanExecution)
make_lean(LEAN._schema, LEAN.config.name_converter)


def ask(schema: strawberry.Schema, selection: str) -> tuple[list[str], object, list[str]]:
    answer = asyncio.run(schema.execute(f"{{ record {selection} }}"))
    record = (answer.data or {}).get("record")
    return list(record or ()), record, [str(error) for error in answer.errors or ()]


@pytest.mark.parametrize(
    "selection",
    [
        "{ name colour isThere number nothing }",
        "{ number z: name __typename a: name colour }",
        "{ same { name } name other { other { name number } name } b: isThere }",
        "{ name refused }",
        "{ other { refused name } name }",
        "{ missing }",
        "{ wrong name }",
        "{ sum a: sum(first: 2) b: sum(second: 5, first: 1) c: sum(second: null) }",
        "{ ... on Shown @include(if: false) { name } number @skip(if: true) colour }",
    ],
)
def test_answers_are_the_same_in_the_same_order(selection):
    assert ask(LEAN, selection) == ask(USUAL, selection)


def test_plain_fields_call_nobody():
    plain = {
        name
        for name, field in LEAN._schema.type_map["Shown"].fields.items()
        if "reparto-lean" in field.extensions
    }
    assert plain == {"name", "nothing", "missing", "colour", "isThere", "wrong", "refused"}
