"""The networks that are visualised: made from a seed, or read from files that are not to be trusted."""

import json
import pickle
from pathlib import Path

import pytest

from patterngen.errors import PatternGenError
from tests.patterngen.families.exported import CONFIG, small_encoder

torch = pytest.importorskip("torch")
timm = pytest.importorskip("timm")

from safetensors.torch import load_file, save_file  # noqa: E402

from patterngen.families import torch_device  # noqa: E402
from patterngen.families.feature_vis import encoders  # noqa: E402

EXACT = torch_device.Backend(torch.device("cpu"), torch.float32, 1, "test")


@pytest.fixture(scope="module")
def resnet():
    return encoders.untrained("resnet18", 0, EXACT)


def test_an_untrained_network_has_the_variances_of_its_initialisation(resnet):
    checked = 0
    for module in resnet.network.modules():
        if isinstance(module, torch.nn.Conv2d) and module.weight.numel() > 20_000:
            fan_out = module.out_channels * module.kernel_size[0] ** 2
            assert module.weight.var().item() * fan_out == pytest.approx(2, rel=0.05)
            checked += 1
        assert not isinstance(module, torch.nn.BatchNorm2d), "folded away"
    assert checked > 10


def test_folding_changes_nothing():
    plain = timm.create_model("resnet18", num_classes=0).eval()
    for module in plain.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    x = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        expected = plain((x - encoders.RESNET_MEAN) / encoders.RESNET_STD)
        found = encoders._foreign(Path("x"), plain.state_dict(), {}, EXACT)(x)
    assert torch.allclose(found, expected, atol=1e-4, rtol=1e-3)


def test_silent_units_are_never_asked(resnet):
    assert 100 < len(resnet.units) < 512
    gray = torch.full((1, 3, 96, 96), 0.5) + 0.0025 * torch.randn(1, 3, 96, 96)
    active = resnet(gray)[0][list(resnet.units)]
    assert (active > 0).float().mean() > 0.9


def test_an_exported_encoder_is_that_of_the_trainer(tmp_path):
    exported = pytest.importorskip("trainer.encoders.exported")
    made = pytest.importorskip("trainer.encoders.config")
    config = made.EncoderConfig(
        model="vit_tiny", input_size=(32, 32), patch_size=(8, 8), channels=3, mean=0.4, std=0.2
    )
    vit = made.new_encoder(config).eval()
    exported.export_encoder(tmp_path, config, vit.state_dict())
    encoder = encoders.load(tmp_path, EXACT)
    x = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        expected = vit.forward_features((x - 0.4) / 0.2)[:, 1:].mean(1)
        assert torch.allclose(encoder(x), expected, atol=1e-4)
        assert encoder(torch.rand(1, 3, 45, 45)).shape == (1, 192)
    assert encoder.units == tuple(range(192))
    assert len(encoder.told["encoder"]) == 16


def test_a_gray_encoder_sees_luma(tmp_path):
    state = load_file(Path(small_encoder()) / "encoder.safetensors")
    state["patch_embed.proj.weight"] = state["patch_embed.proj.weight"][:, :1].contiguous()
    write_export(tmp_path, state, channels=1)
    colour = torch.rand(2, 3, 32, 32)
    luma = 0.299 * colour[:, :1] + 0.587 * colour[:, 1:2] + 0.114 * colour[:, 2:]
    with torch.no_grad():
        encoder = encoders.load(tmp_path, EXACT)
        assert torch.allclose(encoder(colour), encoder(luma.expand(-1, 3, -1, -1)), atol=1e-4)


def write_export(folder, state, **changes):
    save_file(state, folder / "encoder.safetensors")
    (folder / "config.json").write_text(json.dumps(CONFIG | changes))


@pytest.mark.parametrize(("suffix", "prefix"), [(".safetensors", ""), (".pth", ""), (".pth", "module.")])
def test_a_checkpoint_of_a_resnet_is_recognised(tmp_path, suffix, prefix):
    network = timm.create_model("resnet18", num_classes=10).eval()
    state = {prefix + name: tensor for name, tensor in network.state_dict().items()}
    file = tmp_path / f"network{suffix}"
    if suffix == ".pth":
        torch.save({"epoch": 3, "state_dict": state}, file)
    else:
        save_file(state, file)
    network.reset_classifier(0)
    x = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        expected = network((x - encoders.RESNET_MEAN) / encoders.RESNET_STD)
        assert torch.allclose(encoders.load(file, EXACT)(x), expected, atol=1e-4)


class Trap:
    def __reduce__(self):
        return print, ("unpickled!",)


@pytest.mark.filterwarnings("error")
def test_what_cannot_be_trusted_is_refused(tmp_path, capsys):
    trap = tmp_path / "trap.pth"
    trap.write_bytes(pickle.dumps({"state_dict": Trap()}))
    with pytest.raises(PatternGenError, match="pickled objects"):
        encoders.load(trap, EXACT)
    torch.save({"conv1.weight": Trap()}, trap)
    with pytest.raises(PatternGenError, match="pickled objects"):
        encoders.load(trap, EXACT)
    assert "unpickled" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": "vit_huge"}, "vit_huge.*vit_tiny"),
        ({"logmel": {"bands": 80}}, "encoder of sound.*without --clips"),
        ({"channels": 7}, "channels 7"),
        ({"std": 0}, "std"),
        ({"std": float("inf")}, "std"),
        ({"patch_size": [16, 16]}, "not the weights"),
        ({"input_size": [10**5, 10**5]}, "not the weights"),
        ({"input_size": None}, "cannot be read"),
    ],
)
def test_a_config_that_does_not_fit_is_told(tmp_path, changes, words):
    state = load_file(Path(small_encoder()) / "encoder.safetensors")
    write_export(tmp_path, state, **changes)
    with pytest.raises(PatternGenError, match=words):
        encoders.load(tmp_path, EXACT)


def test_files_that_are_no_encoder_are_told(tmp_path):
    with pytest.raises(PatternGenError, match="cannot be read"):
        encoders.load(tmp_path, EXACT)
    text = tmp_path / "text.safetensors"
    text.write_text("no weights")
    with pytest.raises(PatternGenError, match="cannot be read"):
        encoders.load(text, EXACT)
    save_file({"conv1.weight": torch.zeros(1)}, text)
    with pytest.raises(PatternGenError, match=r"no ResNet that is known.*trainer export"):
        encoders.load(text, EXACT)
