"""The image's recipe, read without an engine: every path, command and setting in it exists."""

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from api.settings import Settings
from tests.support.source_code import PACKAGES, ROOT

IN_THE_BASE_IMAGE = {"pip", "useradd"}
Instruction = tuple[str, str]


def read_instructions(path: Path) -> list[Instruction]:
    """Split a Dockerfile into instructions, with continued lines joined."""
    joined = re.sub(r"\\\n\s*", " ", path.read_text(encoding="utf-8"))
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(word.upper(), rest) for word, _, rest in (line.partition(" ") for line in lines)]


def is_left_out(relative: str) -> bool:
    """Apply ``.dockerignore``: the last pattern that fits a path or a folder above it decides."""
    path = Path(relative)
    ways = [str(path), *(str(parent) for parent in path.parents if str(parent) != ".")]
    left_out = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        bare = pattern.removeprefix("!").removeprefix("**/").strip("/")
        if any(fnmatch(way, bare) or fnmatch(Path(way).name, bare) for way in ways):
            left_out = not pattern.startswith("!")
    return left_out


@pytest.fixture(scope="module")
def instructions() -> list[Instruction]:
    return read_instructions(ROOT / "Dockerfile")


@pytest.fixture(scope="module")
def copies(instructions: list[Instruction]) -> list[list[str]]:
    return [shlex.split(rest) for word, rest in instructions if word == "COPY"]


def only(instructions: list[Instruction], word: str) -> str:
    (rest,) = [rest for each, rest in instructions if each == word]
    return rest


def test_the_base_is_pinned_and_supported(instructions: list[Instruction]) -> None:
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", only(instructions, "FROM"))


def test_everything_copied_exists_and_is_not_left_out(copies: list[list[str]]) -> None:
    sources = [source for *sources, _ in copies for source in sources]
    assert {source for source in sources if not (ROOT / source).exists()} == set()
    assert {source for source in sources if is_left_out(source)} == set()
    assert {source.strip("/") for source in sources} >= set(PACKAGES)


@pytest.mark.parametrize(
    ("path", "left_out"),
    [
        ("tests", True),
        (".git/config", True),
        ("reparto.db", True),
        ("README.md", True),
        ("api/app.py", False),
        ("api/graphql/schema.graphql", False),
        ("scripts/locks/product.txt", False),
        ("api/graphql/__pycache__/schema.cpython-311.pyc", True),
    ],
)
def test_the_image_gets_the_packages_only(path: str, left_out: bool) -> None:
    assert is_left_out(path) is left_out


def test_what_runs_while_building_is_in_the_base_image(instructions: list[Instruction]) -> None:
    commands = [rest.split("&&") for word, rest in instructions if word == "RUN"]
    used = {part.split()[0] for parts in commands for part in parts}
    assert used <= IN_THE_BASE_IMAGE


def test_dependencies_come_from_the_product_lock_by_hash(
    instructions: list[Instruction], copies: list[list[str]]
) -> None:
    run = only(instructions, "RUN")
    assert "--require-hashes --requirement scripts/locks/product.txt" in run
    assert copies[0] == ["scripts/locks/product.txt"] * 2


def test_the_process_is_not_root(instructions: list[Instruction]) -> None:
    user = only(instructions, "USER")
    assert int(user) > 0
    assert f"--uid {user} " in only(instructions, "RUN")
    order = [word for word, _ in instructions]
    assert order.index("USER") < order.index("ENTRYPOINT")


def test_every_variable_is_a_setting(instructions: list[Instruction]) -> None:
    pairs = dict(pair.split("=", 1) for pair in shlex.split(only(instructions, "ENV")))
    ours = {name: text for name, text in pairs.items() if name.startswith("REPARTO_")}
    fields = {name.removeprefix("REPARTO_").lower(): text for name, text in ours.items()}
    assert set(fields) <= set(Settings.model_fields)
    Settings.model_validate(fields)
    volume = only(instructions, "VOLUME")
    assert ours["REPARTO_DATABASE_URL"] == f"sqlite:///{volume}/reparto.db"
    assert ours["REPARTO_DATA_DIR"].startswith(f"{volume}/")


def test_the_port_is_the_default_one(instructions: list[Instruction]) -> None:
    port = only(instructions, "EXPOSE")
    assert int(port) == Settings.model_fields["port"].default
    assert f"http://127.0.0.1:{port}/healthz" in only(instructions, "HEALTHCHECK")


def test_the_health_check_is_python_that_compiles(instructions: list[Instruction]) -> None:
    _, _, command = only(instructions, "HEALTHCHECK").partition("CMD ")
    program, flag, code = json.loads(command)
    assert (program, flag) == ("python", "-c")
    assert [alias.name for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom)
            for alias in node.names] == ["urlopen"]  # fmt: skip


@pytest.fixture(scope="module")
def image_folder(copies: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay out what the image's working folder would hold."""
    folder = tmp_path_factory.mktemp("image")
    for *sources, target in copies:
        for source in sources:
            if (ROOT / source).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / source, folder / target, ignore=ignored, dirs_exist_ok=True)
            else:
                (folder / target).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, folder / target)
    return folder


def test_the_entrypoint_knows_its_command(
    instructions: list[Instruction], image_folder: Path
) -> None:
    program, *entrypoint = json.loads(only(instructions, "ENTRYPOINT"))
    command, *options = json.loads(only(instructions, "CMD"))
    assert program == "python"
    told = subprocess.run(
        [sys.executable, *entrypoint, command, "--help"],
        cwd=image_folder,
        capture_output=True,
        text=True,
        check=True,
        env={"COLUMNS": "200", "NO_COLOR": "1"},
    )
    assert {option for option in options if option.startswith("--")} == {"--upgrade", "--host"}
    assert "--upgrade" in told.stdout
    assert "--host" in told.stdout


def test_the_copied_packages_need_nothing_else_of_the_repository(image_folder: Path) -> None:
    code = (
        "import sys, scripts.cli\n"
        f"ours = [m for n, m in sys.modules.items() if n.split('.')[0] in {PACKAGES!r}]\n"
        "print(*{m.__file__ for m in ours if getattr(m, '__file__', None)}, sep='\\n')"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=image_folder, capture_output=True, text=True, check=True
    )
    folders = {Path(line).is_relative_to(image_folder) for line in loaded.stdout.splitlines()}
    assert folders == {True}
