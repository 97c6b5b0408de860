from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from trainer.tasks import Task

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
def apart() -> Callable[..., None]:
    """Assert that no clip to learn from is tested or validated with, nor is any that shares its group."""

    def check(task: Task, group: Callable[[Path], str]) -> None:
        """Judge by the files' own names, not by what the reader made of them."""
        for fold in task.folds():
            held_out = fold.test if fold.valid is None else np.concatenate([fold.valid, fold.test])
            learned = [task.clips[i].path for i in fold.train]
            unheard = [task.clips[i].path for i in held_out]
            assert learned
            assert unheard
            assert not set(learned) & set(unheard)
            assert not {group(path) for path in learned} & {group(path) for path in unheard}

    return check


@pytest.fixture
def real() -> Callable[[str], Path]:
    """Return the folder of a real dataset that lies beside the checkout, or skip."""

    def folder(name: str) -> Path:
        if not (REAL / name).is_dir():
            pytest.skip(f"no real recordings at ../shared/data/{name}")
        return REAL / name

    return folder
