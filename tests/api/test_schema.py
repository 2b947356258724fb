"""The schema as a contract: committed, current, and every part of it described."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLType,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_specified_scalar_type,
    print_ast,
)

from api.graphql.schema import export_schema

SCHEMA_FILE = Path(__file__).parents[2] / "api" / "graphql" / "schema.graphql"
SCHEMA = build_schema(SCHEMA_FILE.read_text())


def own_types() -> list[GraphQLNamedType]:
    """List the types that the project defines."""
    return [
        kind
        for name, kind in SCHEMA.type_map.items()
        if not name.startswith("__") and not is_specified_scalar_type(kind)
    ]


def parts() -> Iterator[tuple[str, str | None]]:
    """Name every type, field, argument and value with its description."""
    for kind in own_types():
        yield kind.name, kind.description
        if isinstance(kind, GraphQLEnumType):
            for name, value in kind.values.items():
                yield f"{kind.name}.{name}", value.description
        if isinstance(kind, GraphQLInputObjectType):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field.description
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field.description
                for argument, given in field.args.items():
                    yield f"{kind.name}.{name}({argument}:)", given.description


def test_committed_schema_is_the_one_that_the_code_defines():
    assert SCHEMA_FILE.read_text() == export_schema(), "run `make schema`"


def test_everything_is_described():
    assert [part for part, description in parts() if not (description or "").strip()] == []


def values() -> Iterator[tuple[str, str, GraphQLType, str]]:
    """Name every field and argument with its own name, its type and its description."""
    for kind in own_types():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", name, field.type, field.description or ""
                for argument, given in getattr(field, "args", {}).items():
                    part = f"{kind.name}.{name}({argument}:)"
                    yield part, argument, given.type, given.description or ""


def test_quantities_state_their_unit():
    units = {
        "Kwh": "[kWh]",
        "ExactKwh": "[kWh]",
        "KwhValues": "[kWh]",
        "Kw": "[kW]",
        "Euro": "[EUR]",
        "EuroValues": "[EUR]",
        "EuroPerKwh": "[EUR/kWh]",
        "EuroPerKwhValues": "[EUR/kWh]",
    }
    assert units.keys() <= SCHEMA.type_map.keys()
    silent = [
        part
        for part, _, kind, description in values()
        if units.get(get_named_type(kind).name, "") not in description
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("ending", "unit"),
    [
        ("[^r]Kwh", "[kWh]"),
        ("[a-z]Kw", "[kW]"),
        ("Kg", "[kg]"),
        ("Eur", "[EUR]"),
        ("EurPerKwh", "[EUR/kWh]"),
        ("kgPerKwh", "[kg/kWh]"),
        ("Bytes", "[B]"),
    ],
)
def test_numbers_that_are_named_by_a_unit_state_it(ending: str, unit: str):
    named = [
        (part, description)
        for part, name, kind, description in values()
        if re.search(rf"{ending}$", name)
        and get_named_type(kind).name in {"Float", "Int", "Decimal"}
    ]
    assert [part for part, description in named if unit not in description] == []


def test_periods_say_whether_their_last_day_belongs_to_them():
    ends = {
        part: description.lower()
        for part, name, kind, description in values()
        if name in {"end", "until", "validUntil"} and get_named_type(kind).name == "Date"
    }
    said = re.compile(
        "the day after the last|^last day|"
        "^first (local )?day (.*(no longer|not|nothing|without)|after)"
    )
    assert len(ends) > 20
    assert [part for part, description in ends.items() if not said.search(description)] == []


@pytest.mark.parametrize(("name", "form"), [("step", "ISO 8601"), ("year", "(?i)local|year ")])
def test_steps_and_years_say_what_they_are_counted_by(name: str, form: str):
    plain = [part for part in values() if part[1] == name and is_leaf_type(get_named_type(part[2]))]
    assert [part for part, *_, description in plain if not re.search(form, description)] == []


def test_inputs_that_take_one_key_say_so():
    kinds = {kind.name: kind for kind in own_types() if isinstance(kind, GraphQLInputObjectType)}
    for name in (
        *("LimitInput", "CoefficientValueInput", "BlocksLimitInput"),
        *("AgreementSourceInput", "FilingAnswerInput"),
    ):
        assert kinds[name].is_one_of
    assert not kinds["ProposeCoefficientsInput"].is_one_of


def test_root_fields_that_others_rely_on_are_there():
    query, mutation = SCHEMA.query_type, SCHEMA.mutation_type
    assert {"communities", "community", "installation", "node", "nodes"} <= query.fields.keys()
    assert {"importCommunity", "proposeCoefficients", "acceptProposal"} <= mutation.fields.keys()


@pytest.mark.parametrize("name", ["node", "community", "installation"])
def test_finding_one_thing_may_find_nothing(name):
    assert not isinstance(SCHEMA.query_type.fields[name].type, GraphQLNonNull)


def test_lists_are_connections():
    plain = {
        f"{kind.name}.{name}"
        for kind in own_types()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        and not kind.name.endswith("Connection")
        for name, field in kind.fields.items()
        if "[" in str(field.type)
    }
    errors = {f"{kind.name}.path" for kind in own_types() if kind.name.endswith("UserError")}
    payloads = {f"{name}.userErrors" for name in SCHEMA.type_map if name.endswith("Payload")}
    assert plain == errors | payloads | {"Query.nodes"}


@pytest.mark.parametrize(
    "connection", [kind for kind in own_types() if kind.name.endswith("Connection")], ids=str
)
def test_connections_have_the_same_form(connection):
    assert connection.fields.keys() == {"edges", "pageInfo", "totalCount"}


@pytest.mark.parametrize(
    "field",
    [
        (kind.name, name)
        for kind in own_types()
        if isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items()
        if get_named_type(field.type).name.endswith("Connection")
    ],
    ids=".".join,
)
def test_connection_fields_take_first_and_after(field):
    kind, name = field
    arguments = SCHEMA.type_map[kind].fields[name].args
    assert print_ast(arguments["first"].ast_node.default_value) == "25"
    assert (str(arguments["first"].type), str(arguments["after"].type)) == ("Int", "String")


@pytest.mark.parametrize(
    "name",
    [
        *("ImportCommunity", "ProposeCoefficients", "AcceptProposal"),
        *("FillVacancies", "CandidateSuitability", "ShareExtraCapacity", "AssignMembers"),
        *("Agreement", "GenerateAgreementFile", "FileAgreement", "AnswerFiling", "Application"),
        *("Installation", "AllocateMonths"),
        *("CreateCommunity", "Job", "ImportMembers", "FillGaps"),
    ],
)
def test_payloads_carry_user_errors(name):
    errors = SCHEMA.type_map[f"{name}Payload"].fields["userErrors"]
    assert str(errors.type) == "[UserError!]!"
    assert {"code", "message", "path"} <= get_named_type(errors.type).fields.keys()
