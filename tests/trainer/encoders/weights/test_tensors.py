import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from trainer.encoders.weights.importing import read_weights
from trainer.errors import TrainerError


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def refused(path, said):
    with pytest.raises(TrainerError, match=said) as error:
        read_weights(path)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith(f"{path}: ")


def test_a_pickle_is_refused_and_not_run(tmp_path):
    trap = tmp_path / "sprung"
    torch.save({"model": {}, "args": Bomb(trap)}, tmp_path / "mae.pth")
    refused(tmp_path / "mae.pth", "holds pickled objects, which could run anything")
    assert not trap.exists()


@pytest.mark.parametrize("share", [0, 0.2, 0.99])
@pytest.mark.parametrize("name", ["mae.pth", "mae.safetensors"])
def test_a_truncated_file_is_named(published, tmp_path, share, name):
    path = tmp_path / name
    (torch.save if name.endswith("pth") else save_file)(published.state_dict(), path)
    os.truncate(path, int(share * path.stat().st_size))
    refused(path, "cut short")


def test_shapes_that_the_file_cannot_fill_are_refused(published, tmp_path):
    state = published.state_dict() | {"pos_embed": torch.zeros(1).expand(1, 10**12 + 1, 192)}
    torch.save(state, tmp_path / "mae.pth")
    refused(tmp_path / "mae.pth", r"pos_embed claims shape \(1, 1000000000001, 192\), which the file cannot")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([1, 2], "holds list"),
        ({}, "holds no weights"),
        ({"model": {"epoch": 3}}, "holds no weights"),
        ({"conv.weight": torch.ones(2)}, "no ViT's weights"),
        ({"patch_embed.proj.weight": torch.ones(192, 3, 8), "pos_embed": torch.ones(1)}, "no ViT's weights"),
        (
            {"patch_embed.proj.weight": torch.ones(192, 3, 8, 8), "pos_embed": torch.ones(1, 8, 192)},
            "positions of 7 patches are no square; give the input with --image-size",
        ),
        (
            {"patch_embed.proj.weight": torch.ones(192, 3, 8, 8), "pos_embed": torch.ones(1, 5, 192)},
            "not the weights of a plain ViT: cls_token is missing",
        ),
    ],
)
def test_what_is_no_vit_is_named(tmp_path, content, said):
    torch.save(content, tmp_path / "mae.pth")
    refused(tmp_path / "mae.pth", said)


def test_a_text_file_and_nothing_are_named(tmp_path):
    (tmp_path / "notes.pth").write_text("dear diary")
    refused(tmp_path / "notes.pth", "cut short, or not what torch.save writes")
    refused(tmp_path / "nowhere.pth", "no such file")
    refused(tmp_path, "holds neither encoder.safetensors nor checkpoints")


def test_a_damaged_decoder_is_named(imported, tmp_path):
    for file in imported[0].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    os.truncate(tmp_path / "decoder.safetensors", 100)
    with pytest.raises(TrainerError, match=r"decoder\.safetensors: cannot be read as an imported decoder"):
        read_weights(tmp_path)
