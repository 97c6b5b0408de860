"""The masked autoencoder: hide most patches of a picture, learn to draw them back.

After He et al., "Masked Autoencoders Are Scalable Vision Learners" (CVPR 2022). The encoder is a plain
timm VisionTransformer and sees the visible patches only; a light decoder says what the hidden ones hold.
Beyond that paper, each by a setting: other masks (`trainer.model.masking`), a decoder that predicts a share
of the hidden patches (`trainer.model.decoders`), and other things to learn from them
(`trainer.model.teacher`, `trainer.model.random_codes`, `trainer.model.class_head`,
`trainer.model.contrast`, `trainer.model.lejepa`, `trainer.model.roll_head`).

Letters in shapes: B pictures, C channels, H×W pixels, K masks of each, L patches, V of them visible, M
predicted, P = C·ph·pw numbers in a patch, D the encoder's width.
"""

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from trainer.errors import TrainerError
from trainer.model.class_head import ClassHead
from trainer.model.config import MaskedAutoencoderConfig
from trainer.model.contrast import Contrast
from trainer.model.decoders import CrossDecoder, Decoder
from trainer.model.encoder import encode_patches, hidden_states
from trainer.model.lejepa import LeJepa
from trainer.model.masking import dispersion, draw_order
from trainer.model.patches import patchify, take
from trainer.model.pixel_target import PixelTarget
from trainer.model.random_codes import RandomCodes
from trainer.model.roll_head import RollHead, blank_rolls
from trainer.model.teacher import Teacher

if TYPE_CHECKING:
    from timm.models.vision_transformer import VisionTransformer


@dataclass(frozen=True)
class Reconstruction:
    """What one forward pass gives.

    Attributes:
        loss: scalar: `error`, and by their weights the contrastive term and that of the piano roll.
        prediction: [B, L, P], under the first mask, in the space of the targets (normalised per patch if
            norm-pix is on); [B, L, D] with a teacher; scores of the codes, [B, L, K], with a random
            projection. Zero where the cross decoder does not predict. Scores of the picture's class,
            [B, K], with classes.
        mask: bool [B, L], true where a patch was hidden.
        error: scalar: mean squared error over the predicted hidden patches only, of all masks; with a random
            projection or classes the cross-entropy, in nats.
        contrast: scalar: the contrastive term, unweighted; zero without one.
        roll: scalar: the term of the piano roll, unweighted, in nats for a time step; zero without one.
    """

    loss: Tensor
    prediction: Tensor
    mask: Tensor
    error: Tensor
    contrast: Tensor
    roll: Tensor


class MaskedAutoencoder(nn.Module):
    """Encoder, decoder and loss of masked pre-training.

    Args:
        encoder: from `build_encoder`; it stays a plain timm model that works alone.
        config: the settings; the defaults if none are given. Of L patches, L·`mask_ratio` (rounded) are
            hidden.
        steps: of the whole run, over which the teacher's momentum rises.
        num_classes: of the pictures, which are learned with the target ``classes``.

    Raises:
        TrainerError: the mask ratio leaves no visible or no hidden patch, or settings that cannot be.

    Examples:
        >>> import torch
        >>> from trainer import MaskedAutoencoder, build_encoder
        >>> encoder = build_encoder("vit_tiny", input_size=(32, 32), patch_size=(8, 8), channels=1)
        >>> found = MaskedAutoencoder(encoder)(torch.rand(2, 1, 32, 32))
        >>> found.loss.backward()
        >>> found.prediction.shape, found.mask.sum(dim=1).tolist()  # 12 of 16 patches are hidden
        (torch.Size([2, 16, 64]), [12, 12])
    """

    def __init__(
        self,
        encoder: "VisionTransformer",
        config: MaskedAutoencoderConfig | None = None,
        *,
        steps: int = 10_000,
        num_classes: int = 1,
    ) -> None:
        super().__init__()
        config = config or MaskedAutoencoderConfig()
        self.encoder = encoder
        self.patch_size: tuple[int, int] = tuple(encoder.patch_embed.patch_size)
        self.grid: tuple[int, int] = tuple(encoder.patch_embed.grid_size)
        self.masking = config.masking
        length = self.grid[0] * self.grid[1]
        self.num_keep = length - round(length * config.mask_ratio)
        if not 0 < self.num_keep < length + (config.target == "classes"):
            raise TrainerError(
                f"mask ratio {config.mask_ratio} leaves {self.num_keep} of {length} patches visible; "
                "at least one must be visible and one hidden"
            )
        self.num_predict = max(1, round((length - self.num_keep) * config.predict_share))
        self.pixel_target = PixelTarget(
            norm_pix=config.norm_pix, keep_mean=config.keep_mean, eps=config.norm_pix_eps
        )
        pixels: int = encoder.patch_embed.proj.in_channels * self.patch_size[0] * self.patch_size[1]
        outputs = {"pixels": pixels, "teacher": encoder.embed_dim, "random-projection": config.codes}
        self.class_head = ClassHead(encoder.embed_dim, num_classes) if config.target == "classes" else None
        self.decoder: Decoder | None = None
        if self.class_head is None:
            self.decoder = (CrossDecoder if config.decoder == "cross" else Decoder)(
                encoder.embed_dim,
                self.grid,
                outputs[config.target],
                dim=config.decoder_dim,
                depth=config.decoder_depth,
                heads=config.decoder_heads,
                positions=config.positions,
            )
        self.contrast_weight = config.contrast
        self.contrast: Contrast | LeJepa | None = None
        if config.contrast and config.contrast_loss == "infonce":
            self.contrast = Contrast(encoder.embed_dim, config.contrast_temperature)
        elif config.contrast:
            self.contrast = LeJepa(encoder.embed_dim)
        momentum = (config.teacher_momentum, config.teacher_momentum_end)
        self.teacher = Teacher(encoder, momentum=momentum, ramp=steps) if config.target == "teacher" else None
        self.roll_weight = config.piano_roll
        self.roll_head: RollHead | None = None
        if config.piano_roll:
            self.roll_head = RollHead(encoder.embed_dim, self.grid, config.piano_roll_channels)
        self.roll_layer = config.piano_roll_layer
        if (self.roll_layer or 0) > len(encoder.blocks):
            raise TrainerError(
                f"--piano-roll-layer {self.roll_layer}: the encoder has {len(encoder.blocks)} blocks"
            )
        self.codes = RandomCodes(pixels, config.codes) if config.target == "random-projection" else None

    @property
    def predicts_pixels(self) -> bool:
        """Whether predictions can be looked at: they are pixels, not features, codes or classes."""
        return self.teacher is None and self.codes is None and self.class_head is None

    def mask_weights(self, images: Tensor) -> Tensor | None:
        """Weigh the patches of images [B, C, H, W], in any unit: [B, L]; None if masks need no weights."""
        return dispersion(patchify(images, self.patch_size)) if self.masking == "dispersion" else None

    def draw_masks(
        self, pictures: int, generator: torch.Generator | None = None, weights: Tensor | None = None
    ) -> Tensor:
        """Draw the masks of one step: int64 [K, B, L], all patches in order, the V visible ones first."""
        arguments = (self.masking, pictures, self.grid, self.num_keep, generator, weights)
        return torch.stack([draw_order(*arguments) for _ in range(2 if self.contrast else 1)])

    def encode(self, patches: Tensor, keep: Tensor) -> Tensor:
        """Encode the visible patches: [B, L, P] and their places [B, V] to tokens [B, 1 + V, D]."""
        positions = self.encoder.pos_embed[0, 1:]
        return encode_patches(self.encoder, take(patches, keep), positions[keep])

    def pixels(self, prediction: Tensor, patches: Tensor) -> Tensor:
        """Turn predictions [B, L, P] into pixels; what norm-pix removed is borrowed from the patches."""
        return self.pixel_target.pixels(prediction, patches)

    def forward(
        self,
        images: Tensor,
        masks: torch.Generator | Tensor | None = None,
        classes: Tensor | None = None,
        rolls: Tensor | None = None,
        views: Tensor | None = None,
    ) -> Reconstruction:
        """Hide, encode, decode and compare.

        Args:
            images: [B, C, H, W], standardised.
            masks: source of the masks, or the masks themselves from `draw_masks`; torch's own source if none.
            classes: int64 [B], of the pictures; looked at only where classes are learned, 0 if not given.
            rolls: float32 [B, 96, W], piano rolls, looked at only where they are learned; 0 if not given.
            views: standardised as the images: what the second masks hide, with a contrastive term; the images
                themselves if not given.
        """
        if not isinstance(masks, Tensor):
            masks = self.draw_masks(len(images), masks, self.mask_weights(images))
        order = masks.to(images.device, non_blocking=True).flatten(0, 1)  # [K·B, L]
        patches = patchify(images, self.patch_size)
        if len(masks) > 1:
            patches = torch.cat([patches, patches if views is None else patchify(views, self.patch_size)])
        num_predict = self.num_predict if self.training else order.shape[1] - self.num_keep
        encoded = self.encode(patches, order[:, : self.num_keep])
        hidden = order[:, self.num_keep :]
        if self.class_head is not None:
            prediction = self.class_head(encoded)
            known = order.new_zeros(len(images)) if classes is None else classes.to(images.device)
            error = self.class_head.loss(prediction, known.repeat(len(masks)))
        else:
            assert self.decoder is not None
            prediction = self.decoder(encoded, order, num_predict)
            error = self._error(patches, hidden, take(prediction, hidden[:, :num_predict]))
        contrast = error.new_zeros(()) if self.contrast is None else self.contrast(encoded)
        roll = error.new_zeros(()) if self.roll_head is None else self._roll_error(images, patches, rolls)
        loss = error + self.contrast_weight * contrast if self.contrast else error
        loss = loss + self.roll_weight * roll if self.roll_head else loss
        mask = torch.zeros_like(order, dtype=torch.bool).scatter_(1, hidden, value=True)
        if len(masks) > 1:
            prediction, mask = prediction[: len(images)], mask[: len(images)]
        return Reconstruction(loss, prediction, mask, error, contrast, roll)

    def _error(self, patches: Tensor, hidden: Tensor, prediction: Tensor) -> Tensor:
        """Compare with what the first of the hidden patches hold; places [B, M…], predictions [B, M, …]."""
        num_predict = prediction.shape[1]
        if self.teacher is not None:
            target: Tensor = self.teacher(take(patches, hidden), hidden)[:, :num_predict]
        else:
            target = self.pixel_target(take(patches, hidden[:, :num_predict]))
        if self.codes is not None:
            return self.codes.loss(prediction, self.codes(target))
        error: Tensor = (prediction.float() - target).square().mean()
        return error

    def _roll_error(self, images: Tensor, patches: Tensor, rolls: Tensor | None) -> Tensor:
        """Tell the pitches by all patches, none hidden: what is not seen cannot be named."""
        assert self.roll_head is not None
        if rolls is None:
            rolls = blank_rolls(len(images), images.shape[-1], images.device)
        seen, positions = patches[: len(images)], self.encoder.pos_embed[:, 1:]
        if self.roll_layer is None:
            tokens = encode_patches(self.encoder, seen, positions)
        else:
            states = hidden_states(self.encoder, seen, positions)
            tokens = next(islice(states, self.roll_layer - 1, None))  # the blocks after it are not computed
            tokens = functional.layer_norm(tokens, tokens.shape[-1:])
        scores = self.roll_head(tokens)
        return self.roll_head.loss(scores, rolls.to(images.device, non_blocking=True))

    def after_step(self) -> None:
        """Let what follows the encoder follow it; to be called once after each step of the optimiser."""
        if self.teacher is not None:
            self.teacher.update(self.encoder)
        if isinstance(self.contrast, LeJepa):
            self.contrast.after_step()
