"""What a remote place refuses for a moment is asked for again; what lasts is told at once."""

import io

import pytest

from patterngen.retry import Retry
from patterngen.storage import patience
from patterngen.storage.patience import PatientFile, patiently


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(patience, "PATIENCE", Retry(retries=2, pause=0.0))


class NoCredentialsError(Exception):
    """As botocore calls it."""


def failing(*errors):
    """Return what raises these, one a call, and then counts its calls."""
    left, calls = [*errors], []

    def work():
        calls.append(None)
        if left:
            raise left.pop(0)
        return len(calls)

    return work


def test_what_passes_is_tried_again_and_no_more_often_than_that():
    assert patiently(failing(OSError("503"), TimeoutError())) == 3
    with pytest.raises(OSError, match="the third"):
        patiently(failing(OSError("the first"), OSError("the second"), OSError("the third")))


@pytest.mark.parametrize("error", [FileNotFoundError(), PermissionError(), NoCredentialsError()])
def test_what_lasts_is_told_at_once(error):
    with pytest.raises(type(error)):
        patiently(failing(error))


def test_a_file_goes_on_where_a_read_broke_off():
    class Breaking(io.BytesIO):
        reads = 0

        def read(self, size=-1):
            Breaking.reads += 1
            if Breaking.reads % 2:
                raise ConnectionResetError
            return super().read(size)

    file = PatientFile(Breaking(b"0123456789"))
    assert [file.read(4), file.tell(), file.read()] == [b"0123", 4, b"456789"]
    file.seek(2)
    buffer = bytearray(3)
    assert (file.readinto(buffer), bytes(buffer)) == (3, b"234")
    file.close()
