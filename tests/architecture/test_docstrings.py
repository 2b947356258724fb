"""Public functions tell what they take, give and raise, in numpydoc sections."""

import ast
import re
from collections.abc import Iterator

from tests.support.source_code import Function, SourceFunction, functions, parse, python_files

DOCUMENTED = ("planner", "loaders", "models/values", "models/regulation", "api/services")
CONSTRUCTORS = {"__new__", "__init__", "__post_init__"}


def public_functions() -> list[SourceFunction]:
    """List the functions that a module offers; methods are told by their class."""
    top_level = {id(node) for path in python_files(*DOCUMENTED) for node in parse(path).body}
    return [
        each
        for each in functions(*DOCUMENTED)
        if id(each.node) in top_level and not each.name.startswith("_")
    ]


def section(docstring: str, title: str) -> str:
    """Cut a numpydoc section out of a docstring; empty when it is not there."""
    match = re.search(
        rf"^{title}\n-{{3,}}\n(.*?)(?=^\S[^\n]*\n-{{3,}}\n|\Z)", docstring, re.MULTILINE | re.DOTALL
    )
    return match[1] if match else ""


def documented_names(docstring: str, title: str) -> set[str]:
    """Collect the names that begin the entries of a section."""
    entries = re.findall(r"^(\S[^:\n]*)", section(docstring, title), re.MULTILINE)
    return {name.strip().lstrip("*") for entry in entries for name in entry.split(",")}


def parameters(node: Function) -> set[str]:
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [extra for extra in (arguments.vararg, arguments.kwarg) if extra]
    return {argument.arg for argument in every}


def raised_names(node: ast.AST) -> Iterator[str]:
    """Name the classes that a body raises itself, not those of functions inside it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(child, ast.Raise):
            raised = child.exc.func if isinstance(child.exc, ast.Call) else child.exc
            if isinstance(raised, ast.Name) and raised.id[0].isupper():
                yield raised.id
        yield from raised_names(child)


def gives_something(node: Function) -> bool:
    return not (isinstance(node.returns, ast.Constant) and node.returns.value is None)


def test_the_reader_of_sections_tells_them_apart() -> None:
    docstring = (
        "Do.\n\nParameters\n----------\na, b : int\n    Both.\n*rest : str\n\n"
        "Returns\n-------\nint\n    It.\n"
    )
    assert documented_names(docstring, "Parameters") == {"a", "b", "rest"}
    assert section(docstring, "Returns") == "int\n    It.\n"
    assert section(docstring, "Raises") == ""


def test_every_public_function_says_what_it_does_in_one_line() -> None:
    offenders = []
    for each in public_functions():
        summary = (ast.get_docstring(each.node) or "").split("\n\n")[0]
        if not summary.endswith(".") or "\n" in summary:
            offenders.append(str(each))
    assert offenders == []


def test_every_parameter_is_told() -> None:
    offenders = {}
    for each in public_functions():
        told = documented_names(ast.get_docstring(each.node) or "", "Parameters")
        if told != parameters(each.node):
            offenders[str(each)] = told ^ parameters(each.node)
    assert offenders == {}


def test_every_result_is_told() -> None:
    offenders = []
    for each in public_functions():
        docstring = ast.get_docstring(each.node) or ""
        told = bool(section(docstring, "Returns") or section(docstring, "Yields"))
        if told != gives_something(each.node):
            offenders.append(str(each))
    assert offenders == []


def test_every_error_that_a_function_raises_is_told() -> None:
    offenders = {}
    for each in public_functions():
        told = documented_names(ast.get_docstring(each.node) or "", "Raises")
        if untold := set(raised_names(each.node)) - told:
            offenders[str(each)] = untold
    assert offenders == {}


def test_every_error_that_a_constructor_raises_is_told_by_its_class() -> None:
    offenders = {}
    for each in functions(*DOCUMENTED):
        if each.owner is None or each.node.name not in CONSTRUCTORS:
            continue
        told = documented_names(ast.get_docstring(each.owner) or "", "Raises")
        if untold := set(raised_names(each.node)) - told:
            offenders[str(each)] = untold
    assert offenders == {}
