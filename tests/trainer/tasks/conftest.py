from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

REAL = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture
def sound() -> Callable[..., Path]:
    """Write a short tone and return its path."""

    def write(path: Path, seconds: float = 0.1, rate: int = 8000) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.1 * np.sin(np.arange(round(seconds * rate))), rate)
        return path

    return write


@pytest.fixture
def real() -> Callable[[str], Path]:
    """Return the folder of a real dataset that lies beside the checkout, or skip."""

    def folder(name: str) -> Path:
        if not (REAL / name).is_dir():
            pytest.skip(f"no real recordings at ../shared/data/{name}")
        return REAL / name

    return folder
