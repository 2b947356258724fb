"""What the reader says of a faulty community folder."""

from pathlib import Path

import pytest

from loaders.community_folder import read_community_folder
from loaders.faults import FaultyInputError


def faults_of(folder: Path) -> list[str]:
    """Read a folder, which must fail, and give its faults as text."""
    with pytest.raises(FaultyInputError) as caught:
        read_community_folder(folder)
    return [str(fault) for fault in caught.value.faults]
