"""A picture encoder made into a sound encoder: one channel, and another grid of patches."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from torch import Tensor

from trainer.encoders.config import EncoderConfig, new_encoder
from trainer.encoders.exported import load_encoder
from trainer.encoders.feature import Feature
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.model.config import GridRule
from trainer.model.positions import fit_positions
from trainer.sound.logmel import LogMel


@dataclass(frozen=True)
class Adapted:
    """Weights for the new input, and a line for each tensor that was changed."""

    state: dict[str, Tensor]
    report: tuple[str, ...]


def sum_channels(weight: Tensor) -> Tensor:
    """Make the patch embedding of a colour encoder see one channel: W₁ = Σ_c W_c.

    Then conv(s; W₁) = conv([s, s, s]; W) for every s, with the bias unchanged.

    Args:
        weight: [D, C, ph, pw].

    Returns:
        [D, 1, ph, pw].
    """
    return weight.sum(dim=1, keepdim=True)


def adapt_weights(
    state: Mapping[str, Tensor],
    *,
    old_grid: tuple[int, int],
    new_grid: tuple[int, int],
    positions: GridRule = "auto",
    step: tuple[float, float] = (1.0, 1.0),
) -> Adapted:
    """Turn the weights of a picture encoder into those of a one-channel encoder of another grid.

    Args:
        state: weights by timm's names.
        old_grid: rows and columns of patches it was trained on.
        new_grid: rows (frequency) and columns (time) that it shall see.
        positions: the rule by which they meet the new grid; see `fit_positions`.
        step: distance of its rows and columns in patches, below 1 where patches overlap.
    """
    result, changes = dict(state), {}
    weight = state["patch_embed.proj.weight"]
    if weight.shape[1] != 1:
        result["patch_embed.proj.weight"] = sum_channels(weight)
        changes["patch_embed.proj.weight"] = f"{weight.shape[1]} channels summed into 1"
    result["pos_embed"], change = fit_positions(state["pos_embed"], old_grid, new_grid, positions, step)
    if change:
        changes["pos_embed"] = change
    return Adapted(result, adaptation_report(state, changes))


def adaptation_report(names: Iterable[str], changes: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Say what became of every tensor: a line for each that changed, and for each group that did not.

    Args:
        names: of all tensors.
        changes: what happened, of those that changed.
    """
    changed = dict(changes or {})
    groups = Counter(name.partition(".")[0] for name in names if name not in changed)
    kept = [f"{group} ({count})" for group, count in groups.items()]
    same = (
        f"{groups.total()} {'other ' if changed else ''}tensors: as they were: {', '.join(kept)}"
        if groups
        else ""
    )
    return tuple([f"{name}: {change}" for name, change in changed.items()] + [same] * bool(same))


def adapt_to_sound(
    source: str | Path,
    *,
    logmel: LogMel,
    frames: int,
    mean: float,
    std: float,
    positions: GridRule = "auto",
    stride: tuple[int, int] | None = None,
    feature: Feature | None = None,
) -> SoundEncoder:
    """Load a pre-trained picture encoder and make a sound encoder of it.

    Args:
        source: run folder, checkpoint or exported folder. An encoder that is a sound encoder already is
            taken as it is, with its own settings.
        logmel: how clips become spectrograms.
        frames: of one input; a multiple of the patch's width.
        mean: of the log-mels to come.
        std: their standard deviation.
        positions: see `fit_positions`.
        stride: distance of patches in bands and frames, where they shall overlap (as in AST; Gong et al.,
            2021): at most the patch's size, which is the default. The positions then meet a finer grid.
        feature: by which it describes a clip; by default the one that a sound encoder has, and else
            ``Feature()``.

    Raises:
        TrainerError: no encoder there, an input that its patch does not divide, or a feature of layers that
            are not there.

    Examples:
        >>> from patterngen import DatasetSpec, RunOptions, render
        >>> from trainer import LogMel, PretrainConfig, adapt_to_sound, pretrain
        >>> spec = DatasetSpec(family=("perlin",), count=6, size=16)
        >>> report = render(spec, RunOptions(out="clouds"))
        >>> settings = {"image_size": 16, "patch_size": 8, "batch_size": 2, "workers": 0, "device": "cpu"}
        >>> config = PretrainConfig(data=("clouds",), out="run", steps=2, **settings)
        >>> encoder = adapt_to_sound(pretrain(config), logmel=LogMel(), frames=208, mean=-7.0, std=4.0)
        >>> encoder.rows, encoder.chunk_steps, encoder.dim  # 80 bands of 208 frames in patches of 8
        (10, 26, 1920)
    """
    old, state = load_encoder(source)
    if old.logmel is not None:
        return restore_sound_encoder(old if feature is None else replace(old, feature=feature), state)
    config = replace(
        old,
        input_size=(logmel.n_mels, frames),
        channels=1,
        logmel=logmel,
        mean=mean,
        std=std,
        stride=None if stride == old.patch_size else stride,
        feature=feature or Feature(),
    )
    vit = new_encoder(config)
    old_grid = old.input_size[0] // old.patch_size[0], old.input_size[1] // old.patch_size[1]
    height, width = stride or old.patch_size
    adapted = adapt_weights(
        state,
        old_grid=old_grid,
        new_grid=vit.patch_embed.grid_size,
        positions=positions,
        step=(height / old.patch_size[0], width / old.patch_size[1]),
    )
    vit.load_state_dict(adapted.state)
    return SoundEncoder(vit, config, adapted.report).eval()


def restore_sound_encoder(config: EncoderConfig, state: Mapping[str, Tensor]) -> SoundEncoder:
    """Make a sound encoder of the config and weights of one, in eval mode."""
    vit = new_encoder(config)
    vit.load_state_dict(state)
    return SoundEncoder(vit, config, ("a sound encoder already", *adaptation_report(state))).eval()
