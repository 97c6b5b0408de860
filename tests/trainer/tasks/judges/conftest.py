import pytest

from tests.judged import write_hearing, write_tones
from tests.shallow import SHALLOW


@pytest.fixture(scope="session")
def tones(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tones")
    write_tones(folder)
    return folder


@pytest.fixture(scope="session")
def hearing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hearing")
    write_hearing(folder, SHALLOW)
    return folder
