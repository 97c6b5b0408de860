"""The networks whose units are visualised: untrained, of our trainer, or a ResNet of timm's.

Files may come from strangers: nothing is unpickled, and no memory is taken for what a file only claims.
"""

import hashlib
import json
import math
import pickle
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from safetensors import SafetensorError
from safetensors import torch as safetensors
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from patterngen.errors import PatternGenError
from patterngen.families.torch_device import Backend

WEIGHTS, CONFIG = "encoder.safetensors", "config.json"
"""The files of an exported folder."""

VITS = ("vit_tiny", "vit_small", "vit_base")

RESNETS = {
    (False, (2, 2, 2, 2)): "resnet18",
    (False, (3, 4, 6, 3)): "resnet34",
    (True, (3, 4, 6, 3)): "resnet50",
    (True, (3, 4, 23, 3)): "resnet101",
    (True, (3, 8, 36, 3)): "resnet152",
}
"""ResNets by whether their blocks are bottlenecks and how many each of the four stages has."""

RESNET_MEAN, RESNET_STD = 0.5, 0.25
"""What a ResNet sees has about mean 0 and deviation 1."""

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue for a network that sees no colour (ITU-R BT.601)."""


@dataclass(frozen=True)
class Encoder:
    """A network and how it sees pictures.

    Attributes:
        network: takes what it sees, [N, C, H, W], to the activations of its units, [N, U]: the averages of
            each over all places.
        channels: C: 3, or 1 for luma.
        mean: mean colour of pictures of values in [0, 1]; the network sees (x − mean)/std.
        std: standard deviation of each channel; see mean.
        units: numbers of those that ascent can use.
        told: what a manifest says of it.
        backend: where it computes.
    """

    network: nn.Module
    channels: int
    mean: float
    std: float
    units: tuple[int, ...]
    told: Mapping[str, str | int]
    backend: Backend

    def __call__(self, pictures: Tensor) -> Tensor:
        """Take pictures [N, 3, H, W] of values in [0, 1] to activations, float32 [N, U] on the CPU."""
        x = pictures
        if self.channels == 1:
            x = torch.einsum("nchw,c->nhw", pictures, torch.tensor(LUMA))[:, None]
        x = ((x - self.mean) / self.std).to(self.backend.device, self.backend.dtype)
        activations: Tensor = self.network(x.contiguous(memory_format=torch.channels_last))
        return activations.float().cpu()


class _MeanToken(nn.Module):
    """A VisionTransformer whose units are the numbers of its tokens, averaged over the patches."""

    def __init__(self, vit: Any) -> None:
        super().__init__()
        self.vit = vit

    def forward(self, x: Tensor) -> Tensor:
        """Take [N, C, H, W] to [N, D]."""
        tokens: Tensor = self.vit.forward_features(x)[:, self.vit.num_prefix_tokens :]
        return tokens.mean(1)


def untrained(model: str, seed: int, backend: Backend) -> Encoder:
    """Make a ResNet with weights by He et al. (2015), N(0, 2/fan-out), drawn from a seed.

    Its batch normalisation has the statistics that it starts with, mean 0 and variance 1, and so is none.
    With those of a batch of pictures the network would be chaotic: the slightest step gives it quite another
    answer, and ascent gets nowhere.
    """
    network = _on_meta(model)
    rng = np.random.default_rng([seed])
    state: dict[str, Tensor] = {}
    for name, tensor in network.state_dict().items():
        if tensor.dim() == 4:
            fan_out = tensor.shape[0] * tensor.shape[2] * tensor.shape[3]
            weights = rng.standard_normal(tuple(tensor.shape), np.float32)
            state[name] = torch.from_numpy(weights) * (2 / fan_out) ** 0.5
        else:  # of batch normalisation, and as it starts
            one = name.endswith(("weight", "running_var"))
            state[name] = torch.full(tensor.shape, float(one)).to(tensor.dtype)
    return _resnet(network, state, {"network": seed}, backend)


def load(path: Path, backend: Backend) -> Encoder:
    """Read an encoder.

    Args:
        path: a folder that our trainer exported, or a ResNet's checkpoint, .safetensors or .pth.
        backend: where it is to compute.

    Raises:
        PatternGenError: nothing there, or nothing that can be trusted or used.
    """
    file = path / WEIGHTS if path.is_dir() else path
    try:
        data = file.read_bytes()
        state = safetensors.load(data) if file.suffix == ".safetensors" else _unpickled(file)
        told = {"encoder": hashlib.sha256(data).hexdigest()[:16]}
        if path.is_dir():
            config = json.loads((path / CONFIG).read_bytes())
            return _exported(path, config, state, told, backend)
    except pickle.UnpicklingError:
        raise PatternGenError(
            f"encoder {file}: holds pickled objects, which could run anything, or is damaged; not loaded"
        ) from None
    except (OSError, SafetensorError, RuntimeError, EOFError, ValueError, KeyError, TypeError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise PatternGenError(f"encoder {file}: cannot be read ({reason})") from None
    return _foreign(path, state, told, backend)


def _exported(
    folder: Path,
    config: Mapping[str, Any],
    state: dict[str, Tensor],
    told: Mapping[str, str],
    backend: Backend,
) -> Encoder:
    """Make the VisionTransformer of an exported folder."""
    if config["model"] not in VITS:
        raise ValueError(f"model {config['model']!r} is none of {', '.join(VITS)}")
    if config.get("logmel") is not None:
        raise ValueError("it is an encoder of sound; export the one of pictures, without --clips")
    standard = math.isfinite(config["mean"]) and 0 < config["std"] < math.inf
    if config["channels"] not in (1, 3) or not standard:
        raise ValueError(f"{CONFIG} has channels {config['channels']} or a mean and std that are none")
    with torch.device("meta"):
        vit = timm.create_model(
            f"{config['model']}_patch16_224",
            img_size=tuple(config["input_size"]),
            patch_size=tuple(config["patch_size"]),
            in_chans=config["channels"],
            num_classes=0,
            global_pool="",
            # Pictures of any size: positions are interpolated, and a last row of patches filled up.
            dynamic_img_size=True,
            dynamic_img_pad=True,
        )
    _fill(folder, vit, state)
    return Encoder(
        _frozen(_MeanToken(vit), backend),
        config["channels"],
        config["mean"],
        config["std"],
        tuple(range(vit.num_features)),
        told,
        backend,
    )


def _foreign(path: Path, state: dict[str, Tensor], told: Mapping[str, str], backend: Backend) -> Encoder:
    """Make the ResNet of a checkpoint, recognised by the blocks that it names."""
    stems = [name for name in state if re.fullmatch(r"(.+\.)?conv1\.weight", name)]
    stem = min(stems, key=len, default="conv1.weight")  # those of blocks are longer
    prefix = stem.removesuffix("conv1.weight")
    state = {
        name.removeprefix(prefix): tensor
        for name, tensor in state.items()
        if name.startswith(prefix) and not name.startswith(f"{prefix}fc.")
    }
    blocks = {match.groups() for name in state if (match := re.match(r"layer(\d)\.(\d+)\.", name))}
    counts = tuple(sum(stage == str(k) for stage, _ in blocks) for k in (1, 2, 3, 4))
    model = RESNETS.get(("layer1.0.conv3.weight" in state, counts))
    if model is None:
        raise PatternGenError(
            f"encoder {path}: no ResNet that is known ({', '.join(RESNETS.values())}), nor a folder of "
            f"`trainer export`"
        )
    network = _on_meta(model)
    # Counters of batches, which some checkpoints lack, do nothing here.
    counters = {name: t for name, t in network.state_dict().items() if name.endswith("num_batches_tracked")}
    state |= {name: torch.zeros(t.shape, dtype=t.dtype) for name, t in counters.items()}
    return _resnet(network, state, told, backend, source=path)


def _resnet(
    network: Any,
    state: dict[str, Tensor],
    told: Mapping[str, str | int],
    backend: Backend,
    source: Path | None = None,
) -> Encoder:
    _fill(source, network, state)
    network.eval()
    _fold_normalisation(network)
    units = tuple(range(network.num_features))
    encoder = Encoder(_frozen(network, backend), 3, RESNET_MEAN, RESNET_STD, units, told, backend)
    return replace(encoder, units=_alive(encoder) or units)


def _alive(encoder: Encoder) -> tuple[int, ...]:
    """Return the units that answer at all to a picture near gray, where every ascent begins.

    The last thing in a ResNet is a ReLU: where it gives 0 it also gives no direction to climb.
    """
    rng = np.random.default_rng(0)
    near_gray = torch.from_numpy(0.5 + 0.0025 * rng.standard_normal((1, 3, 96, 96), np.float32))
    with torch.no_grad():
        return tuple(torch.nonzero(encoder(near_gray)[0] > 0).flatten().tolist())


def _on_meta(model: str) -> Any:
    """Make a ResNet without its weights."""
    with torch.device("meta"):
        return timm.create_model(model, num_classes=0)


def _fill(source: Path | None, network: Any, state: Mapping[str, Tensor]) -> None:
    """Give a network on the meta device its weights, if they are its own."""
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in state.items()}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            shapes = [shapes.get(name, "nothing") for shapes in (expected, found)]
            raise PatternGenError(
                f"encoder {source}: not the weights of its network: {name} should be {shapes[0]} "
                f"and is {shapes[1]}"
            )
    network.load_state_dict(dict(state), assign=True)


def _fold_normalisation(network: Any) -> None:
    """Fold every batch normalisation, fixed as it is, into the convolution before it."""
    for module in list(network.modules()):
        children = dict(module.named_children())
        pairs = [(f"conv{k}", f"bn{k}") for k in (1, 2, 3)] + [("0", "1")]
        for conv, norm in pairs:
            if isinstance(children.get(norm), nn.BatchNorm2d):
                setattr(module, conv, fuse_conv_bn_eval(children[conv], children[norm]))
                setattr(module, norm, nn.Identity())


def _frozen(network: nn.Module, backend: Backend) -> nn.Module:
    """Put a network where it computes, for good; channels lie together, as convolutions like them."""
    network.eval().requires_grad_(False).to(backend.device, backend.dtype)
    return network.to(memory_format=torch.channels_last)


def _unpickled(file: Path) -> dict[str, Tensor]:
    """Read the weights of a checkpoint, tensors and plain values only: at its top, or under a usual name."""
    with warnings.catch_warnings():  # a foreign pickle is refused; torch need not muse about it
        warnings.simplefilter("ignore")
        content = torch.load(file, map_location="cpu", weights_only=True)
    for key in ("state_dict", "model_state_dict", "model", "teacher"):
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping):
        raise ValueError("it holds no weights by name")
    return {str(name): tensor for name, tensor in content.items() if isinstance(tensor, Tensor)}
