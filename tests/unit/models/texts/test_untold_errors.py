"""No error is told in English to those who asked for another language."""

import ast
import pkgutil
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from itertools import product
from pathlib import Path

import api
import loaders
import models
import planner
import scripts
from models.texts.errors import read_errors
from models.texts.phrases import translate
from models.values.errors import CommunityError
from models.values.language import Language

LANGUAGES = (Language.SPANISH, Language.CATALAN)
PACKAGES = (api, loaders, models, planner, scripts)
APART = re.compile(r"models\.migrations\.(versions|env).*|.*\.__main__")
"""Modules that run when they are imported."""

FACT = "7"
"""What stands for a fact in a sentence that is tried."""

Values = dict[str, ast.expr]


def list_errors() -> list[type[CommunityError]]:
    """List every class of expected failures, each once."""
    for package in PACKAGES:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not APART.fullmatch(found.name):
                import_module(found.name)
    ours = tuple(f"{package.__name__}." for package in PACKAGES)
    kinds = {kind for kind in walk_subclasses(CommunityError) if kind.__module__.startswith(ours)}
    return sorted(kinds, key=lambda kind: (kind.__module__, kind.__name__))


def walk_subclasses(kind: type[CommunityError]) -> Iterator[type[CommunityError]]:
    """Walk a class and those that derive from it."""
    yield kind
    for each in kind.__subclasses__():
        yield from walk_subclasses(each)


@cache
def read_tree(path: str) -> ast.Module:
    """Parse a module."""
    return ast.parse(Path(path).read_text("utf-8"))


@cache
def map_raised() -> dict[str, list[ast.expr]]:
    """Map the names of classes to what they are called with first, wherever that is."""
    called: dict[str, list[ast.expr]] = {}
    for package in PACKAGES:
        for path in sorted(Path(package.__path__[0]).rglob("*.py")):
            for node in ast.walk(read_tree(str(path))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                    called.setdefault(node.func.id, []).append(node.args[0])
    return called


def spell(node: ast.expr, values: Values) -> list[str]:
    """Spell the sentences that an expression may be; none where it is not written out."""
    match node:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.IfExp(body=body, orelse=orelse):
            return spell(body, values) + spell(orelse, values)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return [a + b for a, b in product(spell(left, values), spell(right, values))]
        case ast.JoinedStr(values=parts):
            spelled = [spell(part, values) or [FACT] for part in parts]
            return ["".join(each) for each in product(*spelled)]
        case ast.FormattedValue(value=ast.Name(id=name)) if name in values:
            return spell(values[name], {})
    return []


def list_sentences(kind: type[CommunityError]) -> list[str]:
    """List what a class may say in English: its own sentence, or those that it is raised with."""
    tree = read_tree(str(sys.modules[kind.__module__].__file__))
    classes = {each.name: each for each in ast.walk(tree) if isinstance(each, ast.ClassDef)}
    for init in classes[kind.__name__].body:
        if isinstance(init, ast.FunctionDef) and init.name == "__init__":
            values: Values = {}
            for node in ast.walk(init):
                match node:
                    case ast.Assign(targets=[ast.Name(id=name)], value=value):
                        values[name] = value
                    case ast.Call(func=ast.Attribute(attr="__init__"), args=[said, *_]):
                        if spelled := spell(said, values):
                            return spelled
    return [each for said in map_raised().get(kind.__name__, []) for each in spell(said, {})]


def find_untold(kind: type[CommunityError], language: Language) -> list[str]:
    """Find what a class says that has no words in a language."""
    if kind.__name__ in read_errors(language).get(kind.__module__, {}):
        return []
    said = [each for each in list_sentences(kind) if re.search("[a-z]", each)]
    return [each for each in said if translate(each, language) == each]


def test_every_error_is_told_in_every_language() -> None:
    kinds = list_errors()
    assert len(kinds) > 400
    for language in LANGUAGES:
        found = {kind.__name__: find_untold(kind, language) for kind in kinds}
        assert {name: untold for name, untold in found.items() if untold} == {}
