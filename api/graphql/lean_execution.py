"""Queries run in rounds: whatever can be asked at once is asked at once, all in one task.

A resolver runs until it waits for something. When all have come that far, what they wait for is
waited for together, and the next round begins; graphql-core would start a task for each object of
each list, and wrap each in several coroutines. Data, errors and their places are as it would give
them, to which a test holds this with queries that nobody wrote. What changes something it runs
itself.
"""

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from types import CoroutineType
from typing import Any, NamedTuple

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    OperationType,
    get_named_type,
    located_error,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_fields
from graphql.execution.executor import to_nodes
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from api.graphql.kept_readings import AtHand
from api.graphql.lean_fields import USUAL, find_lean_way
from api.graphql.selections import Selections, Shape, Step, find_shape
from api.graphql.shown_columns import SHOWN, choose_columns, join_shown
from models.session import Shown

_WAY_TO_ITEMS = ("edges", "node")
"""Fields that lead from a connection to what it lists."""


@dataclass(slots=True, eq=False)
class _Place:
    """Where a value stands in the answer."""

    holder: Any
    key: str | int
    is_required: bool
    around: "_Place | None"
    is_given_up: bool = False

    def list_keys(self) -> list[str | int]:
        """Tell the way to it from the top."""
        keys: list[str | int] = []
        place = self
        while place.around is not None:
            keys.append(place.key)
            place = place.around
        return keys[::-1]

    def is_lost(self) -> bool:
        """Tell whether it was given up, or something around it."""
        place: _Place | None = self
        while place is not None and not place.is_given_up:
            place = place.around
        return place is not None


@dataclass(slots=True, eq=False)
class _Work:
    """A resolver that waits for something."""

    step: Step
    shape: Shape
    place: _Place
    coroutine: Coroutine[Any, Any, Any]
    awaited: "asyncio.Future[Any] | None" = None


class _Call(NamedTuple):
    """What the resolver of a step is told of the request, and given."""

    info: Any
    arguments: dict[str, Any]


@dataclass(slots=True, eq=False)
class _Rounds:
    """What one query has come to."""

    calls: dict[int, _Call] = field(default_factory=dict)
    waiting: list[_Work] = field(default_factory=list)
    errors: list[GraphQLError] = field(default_factory=list)
    shown: Shown | None = None


class LeanExecution(StrawberryGraphQLCoreExecutionContext):
    """Executes a document; what it selects may be known from the last time."""

    def __init__(self, *arguments: Any, selections: Selections | None = None, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._selections: Selections = {} if selections is None else selections
        self._rounds = _Rounds()

    def execute_operation(self, serially: bool | None = None) -> Any:
        """Execute a query in rounds, and leave what else there is to the executor."""
        if self.operation.operation is not OperationType.QUERY:
            return super().execute_operation(serially)
        return self._answer()

    async def _answer(self) -> ExecutionResult:
        kind = self.schema.query_type
        assert kind is not None, "a schema without questions is refused when it is put together"
        top = _Place({}, "data", is_required=False, around=None)
        SHOWN.set(None)
        try:
            await self._fill(top, kind)
            return ExecutionResult(top.holder[top.key], self._rounds.errors or None)
        finally:
            # They refer back to this: what was answered would wait for the collector.
            del self._rounds, self.async_helpers

    async def _fill(self, top: _Place, kind: GraphQLObjectType) -> None:
        try:
            top.holder[top.key] = self._select(self._plan_root(kind), self.root_value, top)
        except GraphQLError as error:
            self._give_up(top, error)
        await self._go_round()

    async def _go_round(self) -> None:
        """Wait for what all wait for, and let them go on, until nobody waits."""
        rounds = self._rounds
        try:
            while rounds.waiting:
                for each in rounds.waiting:
                    await _wait_for(each.awaited)
                begun, rounds.waiting = rounds.waiting, []
                for each in begun:
                    self._go_on(each)
        finally:
            for each in rounds.waiting:
                # What is given up is not worked on: loaders and threads hear of it.
                if each.awaited is not None:
                    each.awaited.cancel()
                each.coroutine.close()

    def _go_on(self, work: _Work) -> None:
        """Put in its place what a resolver comes to, unless the place is there no more."""
        place = work.place
        if self._rounds.errors and place.is_lost():
            work.coroutine.close()
            return
        try:
            place.holder[place.key] = self._run(work)
        except GraphQLError as error:
            self._give_up(place, error)

    def _run(self, work: _Work) -> Any:
        """Let a resolver run until it waits or ends; what it waits with stands for its value."""
        self._show(work.step)
        try:
            work.awaited = work.coroutine.send(None)
        except StopIteration as ended:
            return self._settle(work.step, work.shape, ended.value, work.place)
        except Exception as error:  # noqa: BLE001  whatever a resolver raises is its field's
            return self._refuse(error, work.step, work.place)
        if work.awaited is not None:
            # As tasks do: it was taken, so that others may wait for it too.
            work.awaited._asyncio_future_blocking = False  # noqa: SLF001
        self._rounds.waiting.append(work)
        return None

    def _give_up(self, place: _Place, error: GraphQLError) -> None:
        """Take out the nearest surroundings that may be null."""
        while place.is_required and place.around is not None:
            place = place.around
        place.holder[place.key] = None
        place.is_given_up = True
        self._rounds.errors.append(error)

    def _refuse(self, error: Exception, step: Step, place: _Place) -> None:
        """Answer null, or leave it to what is around."""
        located = located_error(error, to_nodes(step.details), place.list_keys())
        if place.is_required:
            raise located
        place.is_given_up = True
        self._rounds.errors.append(located)

    def _select(self, steps: Iterable[Step], source: Any, place: _Place) -> dict[str, Any]:
        """Answer the fields of an object."""
        answered: dict[str, Any] = {}
        for step in steps:
            value = USUAL
            if step.read is not None:
                try:
                    value = step.read(source)
                except Exception:  # noqa: BLE001  it is raised again where it belongs
                    value = USUAL
            if value is USUAL:
                own = _Place(answered, step.name, step.shape.is_required, place)
                value = self._resolve(step, source, own)
            answered[step.name] = value
        return answered

    def _resolve(self, step: Step, source: Any, place: _Place) -> Any:
        """Ask a field's resolver."""
        self._show(step)
        try:
            call = self._rounds.calls.get(id(step)) or self._prepare(step)
            value = step.resolve(source, call.info, **call.arguments)
        except Exception as error:  # noqa: BLE001  whatever a resolver raises is its field's
            return self._refuse(error, step, place)
        return self._settle(step, step.shape, value, place)

    def _show(self, step: Step) -> None:
        """Let loaders know what is shown of the records that a step leads to."""
        if step.shown is not self._rounds.shown:
            self._rounds.shown = step.shown
            SHOWN.set(step.shown)

    def _settle(self, step: Step, shape: Shape, value: Any, place: _Place) -> Any:
        """Complete a value, now or when it is there."""
        kind: Any = type(value)
        if kind is AtHand:
            value = value.value
            kind = type(value)
        if _is_awaited(kind):
            coroutine = value if kind is CoroutineType else _await(value)
            return self._run(_Work(step, shape, place, coroutine))
        try:
            return self._complete(step, shape, value, place)
        except Exception as error:  # noqa: BLE001  whatever is wrong with a value is its field's
            return self._refuse(error, step, place)

    def _complete(self, step: Step, shape: Shape, value: Any, place: _Place) -> Any:
        """Make of a value what its type says."""
        if isinstance(value, Exception):
            raise value
        if value is None:
            if shape.is_required:
                name = f"{step.parent}.{step.details[0].node.name.value}"
                raise TypeError(f"Cannot return null for non-nullable field {name}.")
            return None
        if shape.write is not None:
            return shape.write(value)
        if shape.items is not None:
            return self._list(step, shape.items, value, place)
        kind = shape.kind or self._find_kind(step, shape, value)
        key = (kind, id(step.details))
        steps = self._selections.get(key)
        if steps is None:
            asked = self.collect_subfields(kind, step.details)
            steps = self._selections[key] = self._plan(kind, asked.grouped_field_set)
        return self._select(steps, value, place)

    def _list(self, step: Step, shape: Shape, values: Iterable[Any], place: _Place) -> list[Any]:
        """Complete the items of a list."""
        items: list[Any] = []
        is_required = shape.is_required
        for index, value in enumerate(values):
            own = _Place(items, index, is_required, place)
            items.append(self._settle(step, shape, value, own))
        return items

    def _find_kind(self, step: Step, shape: Shape, value: Any) -> GraphQLObjectType:
        """Tell which of several types a value has."""
        assert shape.abstract is not None, "an object has a type, or one of several"
        resolve_type = shape.abstract.resolve_type or self.type_resolver
        info = self._rounds.calls[id(step)].info
        name = resolve_type(value, info, shape.abstract)
        return self.ensure_valid_runtime_type(name, shape.abstract, step.details, info, value)

    def _plan_root(self, kind: GraphQLObjectType) -> list[Step]:
        """Work out the steps of the whole operation."""
        steps = self._selections.get((kind, 0))
        if steps is None:
            asked = collect_fields(
                self.schema, self.fragments, self.variable_values, kind, self.operation
            )
            steps = self._selections[kind, 0] = self._plan(kind, asked.grouped_field_set)
        return steps

    def _plan(self, kind: GraphQLObjectType, asked: GroupedFieldSet) -> list[Step]:
        """Work out the steps of a selection."""
        return [self._plan_step(kind, name, details) for name, details in asked.items()]

    def _plan_step(self, kind: GraphQLObjectType, name: str, details: FieldDetailsList) -> Step:
        asked = self.schema.get_field(kind, details[0].node.name.value)
        assert asked is not None, "a validated document asks for fields that exist"
        read, resolve = find_lean_way(asked), asked.resolve or self.field_resolver
        shape, shown = find_shape(asked.type), self._find_shown(asked, details)
        return Step(name, kind, details, shape, asked, read, resolve, shown)

    def _find_shown(self, field: GraphQLField, details: FieldDetailsList) -> Shown | None:
        """Tell which columns a field shows of records: of itself, or of a list's items."""
        kind = get_named_type(field.type)
        if not isinstance(kind, GraphQLObjectType):
            return None
        asked = self.collect_subfields(kind, details).grouped_field_set
        for step in _WAY_TO_ITEMS:
            if step in kind.fields:
                ways = [each for each in asked.values() if each[0].node.name.value == step]
                found = [self._find_shown(kind.fields[step], each) for each in ways]
                return join_shown(found)
        return choose_columns(kind, [each[0].node for each in asked.values()])

    def _prepare(self, step: Step) -> _Call:
        """Find out what a resolver is told and given, the same for every object."""
        first, path = step.details[0], Path(None, step.name, step.parent.name)
        call = self._rounds.calls[id(step)] = _Call(
            self.build_resolve_info(step.field, to_nodes(step.details), step.parent, path),
            get_argument_values(
                step.field,
                first.node,
                self.variable_values,
                first.fragment_variable_values,
                self.hide_suggestions,
            ),
        )
        return call


@cache
def _is_awaited(kind: type) -> bool:
    """Tell whether values of a kind are not there yet."""
    return hasattr(kind, "__await__")


async def _await(value: Awaitable[Any]) -> Any:
    return await value


async def _wait_for(awaited: "asyncio.Future[Any] | None") -> None:
    """Wait until it is there, or failed: whoever asked for it learns which."""
    if awaited is None:
        await asyncio.sleep(0)
    elif not awaited.done():
        with suppress(Exception):
            await awaited
