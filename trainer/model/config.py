"""The settings of a masked autoencoder, checked before anything is built."""

import math
from dataclasses import dataclass
from typing import Literal

from trainer.errors import TrainerError, check_range, check_share

MaskKind = Literal["random", "block", "frequency", "time", "time-frequency", "dispersion"]
PositionKind = Literal["sincos", "learned"]
GridRule = Literal["auto", "interpolate", "sincos"]
"""How a table of positions meets another grid; see `trainer.model.positions.fit_positions`."""
DecoderKind = Literal["self", "cross"]
NORM_PIX_EPS = 1e-2
"""Added to the variance of a patch before norm-pix divides by it, in units of the standardised input.

The published 1e-6 is for photographs, which have texture everywhere. Patterns have flat patches, where it
would blow up the noise of JPEG to full size and ask the model to predict that.
"""


@dataclass(frozen=True, kw_only=True)
class MaskedAutoencoderConfig:
    """Settings of a `MaskedAutoencoder` besides its encoder.

    Examples:
        >>> from trainer import MaskedAutoencoderConfig
        >>> MaskedAutoencoderConfig(decoder="cross", predict_share=0.5).mask_ratio
        0.75
    """

    mask_ratio: float = 0.75
    """Share of the patches that is hidden, between 0 and 1; 0 only with --target classes."""
    masking: MaskKind = "random"
    """Hide patches at random, in blocks, in stripes of frequency (rows), time (columns) or both, or rather
    where much happens (dispersion)."""
    positions: PositionKind = "sincos"
    """Positions of the patches: a fixed sin-cos table, or a learned one."""
    target: Literal["pixels", "teacher", "random-projection", "classes"] = "pixels"
    """Predict of the hidden patches their pixels; their features by a copy of the encoder that follows it
    slowly; or which of many random codes each lies nearest to. Or tell the picture's class by the visible
    patches, which with --mask-ratio 0 are all."""
    codes: int = 1024
    """How many random codes there are, with --target random-projection."""
    teacher_momentum: float = 0.99
    """Share of itself that the teacher keeps at the first step, with --target teacher."""
    teacher_momentum_end: float = 0.9999
    """Share of itself that the teacher keeps at the last step; in between it rises linearly."""
    contrast: float = 0.0
    """Weight of a contrastive term between two masks of each picture, which double the work; 0 for none."""
    contrast_loss: Literal["infonce", "lejepa"] = "infonce"
    """infonce: each must find its partner among the pictures of the batch. lejepa: partners are alike, and
    all together are spread as a Gaussian, without negatives."""
    contrast_temperature: float = 0.1
    """Temperature of infonce."""
    piano_roll: float = 0.0
    """Weight of a term that tells which pitches sound when, by all patches, as the generator of the picture
    knows; 0 for none. Needs pictures of families that know, drawn or in shards: `spectro`."""
    piano_roll_layer: int | None = None
    """Block, counted from 1, whose output tells the pitches; the final norm unless given. What follows it is
    left to --target, and is not computed for the roll."""
    piano_roll_channels: int | None = None
    """How many of that layer's channels tell the pitches, the first ones; all unless given. The others are
    left to --target."""
    norm_pix: bool = False
    """Predict each patch normalised by its own mean and deviation."""
    keep_mean: bool = False
    """Predict the mean too, with --norm-pix: sound needs the level of a patch as much as its texture."""
    norm_pix_eps: float = NORM_PIX_EPS
    """Added to the variance of a patch by --norm-pix; the published 1e-6 is for photographs."""
    decoder: DecoderKind = "self"
    """self is the published decoder; in cross, hidden patches look at visible ones only (CrossMAE)."""
    predict_share: float = 1.0
    """Share of the hidden patches that a step predicts, with --decoder cross; less is faster."""
    decoder_dim: int = 128
    """Width of the decoder."""
    decoder_depth: int = 2
    """Blocks of the decoder."""
    decoder_heads: int = 4
    """Attention heads in each of them; must divide the width."""

    def __post_init__(self) -> None:
        check_range(self, 1, math.inf, "decoder_dim", "decoder_depth", "decoder_heads")
        check_range(self, 0, math.inf, "contrast", "piano_roll", "norm_pix_eps")
        check_range(self, 0, 1, "teacher_momentum", "teacher_momentum_end")
        check_range(self, 1e-3, math.inf, "contrast_temperature")
        check_range(self, 2, 1 << 16, "codes")
        for name in ("piano_roll_layer", "piano_roll_channels"):
            if getattr(self, name) is not None:
                check_range(self, 1, math.inf, name)
                if not self.piano_roll:
                    option = f"--{name.replace('_', '-')}"
                    raise TrainerError(f"{option} says where pitches are told: give --piano-roll too")
        if self.contrast_loss == "lejepa" and not self.contrast:
            raise TrainerError("--contrast-loss lejepa is a contrastive term: give --contrast, its weight")
        if self.mask_ratio != 0 or self.target != "classes":
            check_share(self, "mask_ratio")
        if not 0 < self.predict_share <= 1 or (self.predict_share < 1 and self.decoder != "cross"):
            raise TrainerError(
                f"predict_share = {self.predict_share} must be more than 0 and at most 1; less than 1 needs "
                "the cross decoder"
            )
        if self.keep_mean and not self.norm_pix:
            raise TrainerError("--keep-mean goes with --norm-pix: without it, means are predicted anyway")
