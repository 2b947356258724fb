"""Queries in rounds come to what graphql-core makes of them, field by field."""

import asyncio
from enum import Enum
from typing import Annotated, Any

import pytest
import strawberry
from graphql import ExecutionResult, execute, parse, print_schema
from hypothesis import HealthCheck, given, settings
from hypothesis_graphql import queries
from strawberry.dataloader import DataLoader
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from api.graphql.lean_execution import LeanExecution
from api.graphql.lean_fields import make_lean
from api.graphql.selections import Selections
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


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Stone(Named):
    weight: int

    @strawberry.field
    async def lost(self) -> str:
        await asyncio.sleep(0)
        return None  # type: ignore[return-value]


@strawberry.type
class Shown(Named):
    nothing: str | None
    missing: str | None
    colour: Colour
    is_there: bool
    number: int
    wrong: Colour | None
    refused: str | None

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        return isinstance(value, Record)

    @strawberry.field
    async def other(self) -> "Shown":
        return Record()

    @strawberry.field
    def same(self) -> "Shown":
        return self

    @strawberry.field
    async def late(self) -> "Shown | None":
        for _ in range(3):
            await asyncio.sleep(0)
        return Record()

    @strawberry.field
    async def fails_late(self) -> int:
        await asyncio.sleep(0)
        raise InvalidArgumentError("too late")

    @strawberry.field
    async def may_fail(self) -> Annotated["Shown", strawberry.lazy(__name__)] | None:
        raise InvalidArgumentError("at once")

    @strawberry.field
    async def many(self, info: strawberry.Info, first: int = 3) -> "list[Shown]":
        return [await info.context.load(place) for place in range(abs(first) % 4)]

    @strawberry.field
    async def gaps(self) -> "list[Shown | None]":
        return [Record(), None, Record()]

    @strawberry.field
    async def things(self) -> list[Named]:
        return [Record(), Stone(name="s", weight=2)]

    @strawberry.field
    def stones(self) -> "list[Stone | None] | None":
        return [Stone(name="s", weight=2), Stone(name="t", weight=3)]

    @strawberry.field
    def sum(self, info: strawberry.Info, first: int = 1, second: int | None = None) -> int:
        return first + (second or 0) + len(info.field_name)


@strawberry.type
class Query:
    @strawberry.field
    def record(self) -> Shown:
        return Record()

    @strawberry.field
    async def perhaps(self) -> Shown | None:
        return Record()


class Reading:
    """One request's loader, which remembers what it was asked together."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.load = DataLoader(self._read).load

    async def _read(self, places: list[int]) -> list[Record]:
        self.batches.append(list(places))
        return [Record() for _ in places]


def build() -> Any:
    schema = strawberry.Schema(Query, types=[Stone, Shown])
    return schema._schema, schema.config.name_converter


USUAL, _ = build()
LEAN, _names = build()
make_lean(LEAN, _names)


async def answer(
    schema: Any, kind: type, text: str, reading: Reading, **known: object
) -> ExecutionResult:
    answered = execute(schema, parse(text), context_value=reading, executor_class=kind, **known)
    return answered if isinstance(answered, ExecutionResult) else await answered


def ask(
    schema: Any, kind: type, text: str, **known: object
) -> tuple[object, set[tuple[object, ...]]]:
    """Give the data with the order of its keys, and where errors made nothing of it.

    Of several errors that take out the same surroundings a server may tell any (GraphQL, 6.4.4).
    """
    result = asyncio.run(answer(schema, kind, text, Reading(), **known))
    gone = {find_gap(result.data, error.path or []) for error in result.errors or ()}
    return list_items(result.data), gone


def find_gap(data: object, path: list[str | int]) -> tuple[object, ...]:
    way: list[object] = []
    for key in path:
        if data is None:
            break
        way.append(key)
        data = data[key]  # type: ignore[index]
    assert data is None
    return tuple(way)


def list_items(data: object) -> object:
    if isinstance(data, dict):
        return [(key, list_items(value)) for key, value in data.items()]
    return [list_items(each) for each in data] if isinstance(data, list) else data


def tell_errors(schema: Any, kind: type, text: str) -> list[tuple[object, str]]:
    result = asyncio.run(answer(schema, kind, text, Reading()))
    return [(error.path, error.message) for error in result.errors or ()]


def ask_both(text: str) -> tuple[object, object]:
    """Ask the usual executor, and ours twice: the second time it knows what is selected."""
    usual = ask(USUAL, StrawberryGraphQLCoreExecutionContext, text)
    selections: Selections = {}
    first, again = (ask(LEAN, LeanExecution, text, selections=selections) for _ in range(2))
    assert first == again
    return again, usual


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
        "{ late { failsLate name } name }",
        "{ other { failsLate name } name }",
        "{ many { late { many(first: 1) { name } } } }",
        "{ gaps { name mayFail { name } } things { __typename name ... on Stone { weight } } }",
        "{ stones { lost weight } many { late { failsLate } } }",
        "{ stones { ...x } gaps { failsLate } } fragment x on Stone { name a: name weight }",
    ],
)
def test_answers_are_the_same_in_the_same_order(selection):
    for root in ("record", "perhaps"):
        text, _, fragments = selection.partition(" fragment")
        document = f"{{ {root} {text} }}" + (f" fragment{fragments}" if fragments else "")
        lean, usual = ask_both(document)
        assert lean == usual


def test_errors_say_the_same_of_the_same_place():
    for text in (
        "{ record { wrong sum(first: 1) } }",
        "{ record { refused } }",
        "{ record { stones { lost } } }",
        "{ perhaps { failsLate } }",
        "{ record { many { late { failsLate } } } }",
    ):
        lean = tell_errors(LEAN, LeanExecution, text)
        assert lean == tell_errors(USUAL, StrawberryGraphQLCoreExecutionContext, text)


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(text=queries(print_schema(USUAL)))
def test_queries_that_nobody_wrote_come_to_the_same(text):
    lean, usual = ask_both(text)
    assert lean == usual


def test_what_a_list_asks_for_is_asked_for_together():
    reading = Reading()
    text = "{ record { a: many { many(first: 3) { name } } gaps { many(first: 1) { name } } } }"
    result = asyncio.run(answer(LEAN, LeanExecution, text, reading))
    assert result.errors is None
    assert reading.batches == [[0], [1], [2]]


def test_an_answer_that_is_given_up_leaves_nobody_waiting():
    ended = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def give_up() -> None:
        reading = Reading()
        reading.load = lambda _place: wait()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await answer(
                    LEAN,
                    LeanExecution,
                    "{ record { a: many { name } gaps { many { name } } } }",
                    reading,
                )

    asyncio.run(give_up())
    assert ended == [True, True, True]


def test_nothing_is_read_for_an_answer_that_is_given_up():
    begun: list[asyncio.Future[Any]] = []

    async def give_up() -> None:
        reading = Reading()

        def load(_place: int) -> asyncio.Future[Any]:
            begun.append(asyncio.get_running_loop().create_future())
            return begun[-1]

        reading.load = load
        text = "{ record { a: many { name } b: many { name } } }"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await answer(LEAN, LeanExecution, text, reading)

    asyncio.run(give_up())
    assert [each.cancelled() for each in begun] == [True, True]


def test_plain_fields_call_nobody():
    plain = {
        name
        for name, field in LEAN.type_map["Shown"].fields.items()
        if "reparto-lean" in field.extensions
    }
    assert plain == {"name", "nothing", "missing", "colour", "isThere", "wrong", "refused"}
