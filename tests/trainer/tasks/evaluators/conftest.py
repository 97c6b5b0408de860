import pytest

from tests.band_encoders import write_band_encoders, write_tones
from tests.shallow import SHALLOW


@pytest.fixture(scope="session")
def tones(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tones")
    write_tones(folder)
    return folder


@pytest.fixture(scope="session")
def band_encoders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("band_encoders")
    write_band_encoders(folder, SHALLOW)
    return folder
