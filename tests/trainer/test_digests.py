import hashlib
from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from torch import nn

from trainer import digests
from trainer.encoders.sound_encoder import SoundEncoder, random_sound_encoder


def test_of_a_file_is_what_everyone_computes(tmp_path):
    (tmp_path / "a").write_bytes(b"sound")
    assert digests.of_file(tmp_path / "a") == hashlib.sha256(b"sound").hexdigest()


def test_of_tensors_follows_names_shapes_kinds_and_numbers_only():
    one, two = torch.arange(6.0), torch.zeros(0, 3)
    same = digests.of_tensors({"b": two, "a": one})
    assert digests.of_tensors({"a": one.clone(), "b": two}) == same
    others = [
        {"a": one.reshape(2, 3), "b": two},
        {"a": one.to(torch.float64), "b": two},
        {"c": one, "b": two},
        {"a": one + 1, "b": two},
        {"a": one},
    ]
    assert len({same, *map(digests.of_tensors, others)}) == 6


def test_of_values_tells_where_one_ends_and_the_next_begins():
    assert digests.of_values("ab", "c") != digests.of_values("a", "bc")
    assert digests.of_values({"a": 1, "b": 2}) == digests.of_values({"b": 2, "a": 1})


def test_an_encoder_is_told_by_its_config_and_weights(sound_encoder):
    twin = deepcopy(sound_encoder)
    assert sound_encoder.sha256 == twin.sha256 == sound_encoder.sha256
    assert random_sound_encoder(sound_encoder, 3).sha256 != sound_encoder.sha256
    assert SoundEncoder(twin.vit, replace(sound_encoder.config, mean=0.0)).sha256 != sound_encoder.sha256


@pytest.mark.parametrize("change", ["trained", "loaded"])
def test_changed_weights_are_another_encoder(sound_encoder, change):
    twin = deepcopy(sound_encoder)
    before = twin.sha256
    if change == "trained":
        bias = twin.vit.norm.bias
        bias.grad = torch.ones_like(bias)
        torch.optim.SGD([bias], lr=0.1).step()
    else:
        nn.init.ones_(twin.vit.norm.bias)
    assert twin.sha256 != before
    assert sound_encoder.sha256 == before
