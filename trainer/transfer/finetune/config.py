"""Settings of a fine-tuning."""

import math
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from trainer.errors import TrainerError, check_positive, check_range, check_share
from trainer.scored import UNSCORED
from trainer.training.optimiser import Method
from trainer.training.precision import Precision
from trainer.transfer.task_features import TransferConfig

Selection = Literal["last", "valid", "best-on-test"]
_WIDEST = 4.0
"""A crop of more than four times the clip holds little but silence."""


@dataclass(frozen=True, kw_only=True)
class FinetuneProtocol:
    """Settings of a fine-tuning; the same for pre-trained and random weights."""

    epochs: int = 20
    """Passes over the training clips."""
    optimizer: Method = "adamw"
    """adamw, or sgd with a momentum of 0.9."""
    lr: float = 5e-4
    """Peak learning rate."""
    batch_size: int = 32
    """Clips per step; fewer where the task has fewer."""
    warmup: float = 0.1
    """Share of the steps over which the learning rate rises."""
    layer_decay: float = 1.0
    """Each block of the encoder learns this much slower than what follows it, the last one too; 1 for all
    alike."""
    try_lr: tuple[float, ...] = ()
    """Learning rates to choose from instead: for each encoder, fold and seed the one that is best on
    validation clips, before it learns from all training clips."""
    try_layer_decay: tuple[float, ...] = ()
    """Layer decays to choose from in the same way, each with each learning rate."""
    weight_decay: float = 0.05
    """Decay of matrices; vectors, the class token and positions have none."""
    clip_grad: float = 1.0
    """Largest norm of the gradient; 0 for none."""
    ema: float | None = None
    """Decay of a moving average of the weights, which is then what is tested; none by default."""
    drop_path: float = 0.0
    """Chance at which the last block is skipped for a clip; earlier ones less (stochastic depth)."""
    mixup: float = 0.0
    """Two clips sound together, in shares drawn from Beta(α, α) with this α, and are both to be named."""
    crop_time: tuple[float, float] = (1.0, 1.0)
    """Random resized crop: range of the part of a clip's time that is stretched over all of it; above 1 there
    is silence around the clip."""
    crop_freq: tuple[float, float] = (1.0, 1.0)
    """Random resized crop: range of the part of the bands. It moves pitch: not for tasks that ask for it."""
    time_mask: float = 0.0
    """SpecAugment: widest mask, as a share of the clip's frames."""
    freq_mask: float = 0.0
    """SpecAugment: widest mask, as a share of the bands."""
    masks: int = 1
    """SpecAugment: masks of each kind in a clip."""
    patch_mask: float = 0.0
    """Share of the patches of a clip that the encoder is not given in training; it is also faster so."""
    balance: float = 0.0
    """Draw clips by how rare their labels are: by 1/count to this power. 0 draws each clip once an epoch, 1
    gives all classes equal shares."""
    selection: Selection = "last"
    """Which epoch's model is tested: the last one; the best on validation clips; or the best on the test
    clips, which is no fair test and is called so in the results."""
    valid_share: float = 0.1
    """Share of the training clips held out for `valid` where the task has no validation split."""

    def __post_init__(self) -> None:
        check_range(self, 1, math.inf, "epochs", "batch_size", "masks")
        check_range(self, 0, math.inf, "lr", "try_lr", "weight_decay", "clip_grad", "mixup")
        check_range(self, 0, 1, "warmup", "time_mask", "freq_mask", "balance")
        check_positive(self, 1, "layer_decay", "try_layer_decay")
        check_share(self, "valid_share")
        for name in ("ema", "drop_path", "patch_mask"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < 1:
                raise TrainerError(f"{name} = {value} must be at least 0 and less than 1")
        for name in ("crop_time", "crop_freq"):
            low, high = getattr(self, name)
            if not 0 < low <= high <= _WIDEST:
                raise TrainerError(
                    f"{name} = {low} {high} must be two numbers, more than 0 and at most {_WIDEST:g}, the "
                    "smaller one first"
                )


@dataclass(frozen=True, kw_only=True)
class FinetuneConfig(TransferConfig, FinetuneProtocol):
    """Settings of `transfer_finetune`.

    Examples:
        >>> from trainer import FinetuneConfig
        >>> config = FinetuneConfig(task="esc50", root="ESC-50", run=("runs/smooth",), mixup=0.3)
        >>> config.epochs, config.selection
        (20, 'last')
    """

    command: ClassVar[str] = "transfer finetune"

    precision: Precision = "auto"
    """auto is bf16 where the machine computes faster in it, float32 elsewhere."""
    seeds: int = field(default=1, metadata=UNSCORED)
    """Trainings per fold; the interval is over them."""
    score_epochs: bool = field(default=False, metadata=UNSCORED)
    """Score the validation clips, if the task has them, and the test clips after every epoch, for curves.png;
    they choose nothing."""
    save_minutes: float = field(default=2.0, metadata=UNSCORED)
    """How often a training is saved under --out, to go on from there; it is when it is interrupted, too."""

    def __post_init__(self) -> None:
        TransferConfig.__post_init__(self)
        FinetuneProtocol.__post_init__(self)
        check_range(self, 1, math.inf, "seeds")
        check_range(self, 0, math.inf, "save_minutes")

    @property
    def protocol(self) -> str:
        """Name in results, which says how the tested epoch was chosen, and whether the recipe was."""
        return f"finetune ({self.selection}{', recipe chosen' * self.chooses})"

    @property
    def chooses(self) -> bool:
        """Whether there are recipes to choose from."""
        return bool(self.try_lr or self.try_layer_decay)
