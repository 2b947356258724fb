"""Faults of files as people see them at a terminal."""

from loaders.faults import Fault
from loaders.number_text import show_name
from models.texts.phrases import translate
from scripts.texts import spoken


def tell_fault(fault: Fault) -> str:
    """Say what is wrong with a file, and where."""
    place = "" if fault.place is None else f", {translate(fault.place, spoken())}"
    return f"{show_name(fault.file)}{place}: {translate(fault.reason, spoken())}"
