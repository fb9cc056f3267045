"""The shipped model and the workshop that made it (`image/speech-model` is no part of the
product, so it is put on the path here)."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORKSHOP = ROOT / "image" / "speech-model"
sys.path.append(str(WORKSHOP))


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The folder of the English command model."""
    return ROOT / "appliance" / "speech" / "models" / "en-commands"
