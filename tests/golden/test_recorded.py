"""What was drawn, packed and learned when it was recorded is drawn, packed and learned today."""

import json

import pytest
import torch

from tests.golden import recording

RECORDED = json.loads(recording.RECORDED.read_text())
TOLERANCE = 2e-3
"""Largest share by which a loss may differ on another processor, whose sums have another order."""


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # more would add in another order
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", RECORDED["pictures"])
def test_pictures_are_those_recorded(name):
    assert recording.pictures(name) == RECORDED["pictures"][name]


@pytest.mark.parametrize("name", RECORDED["rendered"])
def test_rendered_pictures_are_those_recorded(name):
    known = RECORDED["rendered"][name]
    try:
        renderer = recording.drawer(name).renderer
    except recording.PatternGenError as missing:
        pytest.skip(str(missing))
    if renderer not in known:
        pytest.skip(f"recorded with {', '.join(known)}, and this is {renderer}")
    assert recording.pictures(name) == known[renderer]


@pytest.mark.parametrize("encoding", recording.ENCODINGS)
@pytest.mark.parametrize("version", recording.FORMATS)
def test_shards_are_those_recorded(version, encoding, tmp_path):
    known = RECORDED["shards"][f"{version} {encoding}"]
    assert recording.shards(tmp_path / "set", version, encoding) == known


def test_losses_and_scores_are_those_recorded(tmp_path):
    known = dict(RECORDED["learning"])
    same_machine = known.pop("machine") == recording.machine()
    learned = recording.learning(tmp_path)
    if same_machine:
        assert learned == known
    else:
        assert learned["losses"] == pytest.approx(known["losses"], rel=TOLERANCE)
        assert learned["scores"] == pytest.approx(known["scores"], abs=0.1)
