import pytest

from loaders import faults as faults_module
from loaders.faults import Fault, FaultLog, FaultyInputError, MissingInputError


def test_a_fault_names_its_file_and_place() -> None:
    assert str(Fault("members.csv", "line 3", "is odd")) == "members.csv, line 3: is odd"
    assert str(Fault("members.csv", None, "is odd")) == "members.csv: is odd"


def test_faults_sort_by_file_then_by_number_of_line() -> None:
    tenth, ninth = Fault("b", "line 10", ""), Fault("b", "line 9", "")
    whole, other = Fault("b", None, ""), Fault("a", "2023-01-01T00:00:00Z", "")
    assert sorted([tenth, ninth, whole, other]) == [other, whole, ninth, tenth]


def test_the_error_lists_twenty_faults_and_counts_the_rest() -> None:
    error = FaultyInputError(tuple(Fault("f", f"line {i}", "is odd") for i in range(23)))
    lines = str(error).splitlines()
    assert lines[0] == "23 faults in the input"
    assert lines[1] == "f, line 0: is odd"
    assert len(lines) == 22
    assert lines[-1] == "and 3 more"
    assert str(FaultyInputError((Fault("f", None, "x"),))) == "1 fault in the input\nf: x"


def test_a_log_keeps_files_apart_and_bounds_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults_module, "FAULTS_KEPT", 2)
    log = FaultLog()
    for line in (3, 2, 1):
        log.of("b").add(f"line {line}", "is odd")
    log.of("a").add(None, "is odd")
    log.of("b").omit(5)
    assert [str(fault) for fault in log.faults()] == [
        "a: is odd",
        "b, line 2: is odd",
        "b, line 3: is odd",
        "b: 6 more faults are not listed",
    ]


def test_missing_input_says_what_to_do(tmp_path: object) -> None:
    error = MissingInputError(faults_module.Path("x/y"), "folder")
    assert str(error) == "there is no folder x/y; check the path"


def test_places_of_thousands_of_digits_are_sorted() -> None:
    long, short = Fault("f", "column " + "7" * 5_000, ""), Fault("f", "column 7", "")
    assert sorted([long, short]) == [short, long]
