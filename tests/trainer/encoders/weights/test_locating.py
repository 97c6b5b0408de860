import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from tests.trainer.foreign import autoencoder
from trainer.encoders.checkpoint import Checkpoint, save_checkpoint
from trainer.encoders.config import EncoderConfig
from trainer.encoders.weights.importing import ImportConfig, import_weights
from trainer.encoders.weights.initialise import initialise
from trainer.encoders.weights.locating import ANCHOR, locate
from trainer.errors import TrainerError

WEIGHTS = {
    ANCHOR: torch.ones(2, 1, 1, 1),
    "pos_embed": torch.zeros(1),
    "blocks.0.norm1.weight": torch.ones(3),
}
PREFIXES = ("_orig_mod.", "module.", "model.", "encoder.", "backbone.", "visual.trunk.")
KEYS = ("model", "state_dict", "model_state_dict", "model_ema", "ema", "checkpoint")


def below(prefix, weights=WEIGHTS):
    return {f"{prefix}{name}": tensor for name, tensor in weights.items()}


@given(
    prefixes=st.lists(st.sampled_from(PREFIXES), max_size=3),
    keys=st.lists(st.sampled_from(KEYS), max_size=3),
    inside=st.booleans(),
)
def test_an_encoder_is_found_in_any_dictionary_below_any_prefix_and_that_is_said(prefixes, keys, inside):
    content = below("".join(prefixes))
    if inside:  # a block that was compiled by itself
        content = {name.replace("blocks.0.", "blocks.0._orig_mod."): t for name, t in content.items()}
    for key in reversed(keys):
        content = {"epoch": 3, key: content, "optimizer": {"state": {0: {"exp_avg": torch.ones(2)}}}}
    found = locate(content, "there")
    assert found.weights.keys() == WEIGHTS.keys()
    assert all(found.weights[name] is WEIGHTS[name] for name in WEIGHTS)
    assert found.beside == {}
    assert all(prefix in found.found for prefix in prefixes)
    assert all(key in found.found for key in keys)
    assert bool(found.found) == bool(prefixes or keys or inside)


def test_what_lies_beside_the_encoder_is_told_apart():
    found = locate(below("encoder.") | {"decoder.weight": torch.ones(1)}, "there")
    assert found.weights.keys() == WEIGHTS.keys()
    assert found.beside.keys() == {"decoder.weight"}


TWO = {
    "model": WEIGHTS,
    "model_ema": below("module."),
    "optimizer": {"state": {0: {"exp_avg": torch.ones(2)}}},
}


@pytest.mark.parametrize(
    ("content", "places"),
    [
        (TWO, "2 encoders, model, model_ema.module: "),
        (below("student.backbone.") | below("teacher.backbone."), "student.backbone, teacher.backbone: "),
        (WEIGHTS | below("teacher."), "2 encoders, ., teacher: "),
        (WEIGHTS | below("_orig_mod."), "2 encoders, ., _orig_mod: "),
        ({"a": below("x.") | below("y."), "b": WEIGHTS}, "3 encoders, a.x, a.y, b: "),
    ],
)
def test_several_encoders_are_refused_and_named(content, places):
    with pytest.raises(TrainerError, match=f"^there: holds .*{places}.*--checkpoint-key") as error:
        locate(content, "there")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("key", ["model", "model_ema", "model_ema.module"])
def test_the_one_that_is_meant_is_taken(key):
    assert locate(TWO, "there", key).place.startswith(key)
    assert locate(WEIGHTS | below("teacher."), "there", ".").place == "."


def test_a_key_that_leads_nowhere_is_named():
    with pytest.raises(
        TrainerError, match="no encoder lies at --checkpoint-key ema: there are model, model_ema"
    ):
        locate(TWO, "there", "ema")
    with pytest.raises(TrainerError, match=f"at --checkpoint-key ema: no {ANCHOR} lies anywhere"):
        locate({"w": torch.ones(1)}, "there", "ema")


def test_a_dictionary_that_holds_itself_ends():
    content = dict(WEIGHTS)
    content["self"] = content
    assert locate(content, "there").weights.keys() == WEIGHTS.keys()


@pytest.mark.parametrize(
    ("wrap", "said"),
    [
        (lambda state: below("_orig_mod.module.", state), "taken off the names: _orig_mod., module."),
        (
            lambda state: {"model_state_dict": below("model.encoder.", state), "epoch": 1},
            "found in model_state_dict; taken off the names: model.encoder.",
        ),
    ],
)
def test_an_import_says_where_it_found_the_weights(published, imported, tmp_path, wrap, said):
    torch.save(wrap(published.state_dict()), tmp_path / "mae.pth")
    config = ImportConfig(checkpoint=str(tmp_path / "mae.pth"), out=str(tmp_path / "out"), decoder_heads=4)
    lines = import_weights(config)
    assert lines[-2] == said
    assert imported[1][-2] == "found in model"
    assert (*lines[:-2], lines[-1]) == (*imported[1][:-2], imported[1][-1])
    for file in ("encoder.safetensors", "decoder.safetensors"):
        assert (tmp_path / "out" / file).read_bytes() == (imported[0] / file).read_bytes()
    assert initialise(autoencoder(), tmp_path / "mae.pth")[-2] == said


def test_weights_beside_the_encoder_are_accounted_for(published, tmp_path):
    save_file(
        below("encoder.", published.state_dict()) | {"probe": torch.ones(2)}, tmp_path / "w.safetensors"
    )
    lines = import_weights(
        ImportConfig(checkpoint=str(tmp_path / "w.safetensors"), out=str(tmp_path / "out"))
    )
    assert "left    probe [2]: lies beside" in lines


def test_a_checkpoint_of_ours_and_a_folder_are_not_imported(tmp_path):
    config = EncoderConfig(
        model="vit_tiny", input_size=(16, 16), patch_size=(16, 16), channels=1, mean=0.0, std=1.0
    )
    checkpoint = Checkpoint(step=1, encoder=config, model=below("encoder."), optimizer={})
    path = save_checkpoint(tmp_path, checkpoint, keep=1).rename(tmp_path / "mine.pt")
    for source, said in ((path, "is a checkpoint of `trainer pretrain`"), (tmp_path, "is a folder")):
        with pytest.raises(TrainerError, match=said):
            import_weights(ImportConfig(checkpoint=str(source), out=str(tmp_path / "out")))
