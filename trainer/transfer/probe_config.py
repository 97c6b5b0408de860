"""Settings of `trainer transfer probe`."""

import math
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from trainer.encoders.feature import EACH, LOGMEL, Feature, parse_features
from trainer.errors import TrainerError, check_range, check_share
from trainer.scored import UNSCORED, scored_by
from trainer.transfer.task_features import TransferConfig

Protocol = Literal["linear", "knn", "attentive", "linear-evar"]


@dataclass(frozen=True, kw_only=True)
class ProbeConfig(TransferConfig):
    """Settings of `transfer_probe`.

    Examples:
        >>> from trainer import ProbeConfig
        >>> config = ProbeConfig(task="esc50", root="ESC-50", run=("runs/smooth",), layers="6,norm")
        >>> [str(feature) for feature in config.features(blocks=12)]
        ['layers 6+norm']
    """

    command: ClassVar[str] = "transfer probe"

    protocol: tuple[Protocol, ...] = field(default=("linear", "knn"), metadata=UNSCORED)
    """linear: a logistic regression at its optimum, its penalty chosen on validation clips. knn: votes of
    nearest neighbours. attentive: a learned query weighs the time steps that the regression reads.
    linear-evar: EVAR's training of a linear layer, for its published tables."""
    seeds: int = field(default=3, metadata=UNSCORED)
    """Draws of validation clips, where the task sets none aside, and of random encoders; the interval is over
    them."""
    valid_share: float = field(default=0.1, metadata=scored_by("linear", "attentive", choosing=True))
    """Share of the training clips that validates where the task has no validation split."""
    layers: str = field(default="norm", metadata=scored_by(choosing=True))
    """Layers to probe: outputs of blocks, counted from 1, and norm, that of the final norm; logmel are mean
    and deviation of the mel bands. Of several, as 3,9,norm, the vectors are put one after the other; each
    probes every layer by itself, and --out gets the figure layers.png."""
    pooling: str = field(default="concat+std", metadata=scored_by(choosing=True))
    """How patches become one vector a clip: concat puts those of one time step in a row and averages over
    time, concat+std and concat+max add deviation or maximum over time, mean averages over all; each probes
    every one by itself."""
    choose: bool = field(default=False, metadata=UNSCORED)
    """Report that one of several features which scores best on validation clips, in each fold and with each
    seed: --layers 6,norm,6+norm then offers three, and --pooling concat,concat+std two."""
    neighbours: int = field(default=10, metadata=scored_by("knn"))
    """Neighbours that vote in the k-NN."""
    evar_lr: float | None = field(default=None, metadata=scored_by("linear-evar"))
    """Learning rate of linear-evar; by default EVAR's for M2D, 3e-5, and 3e-4 for mel spectra (the floor)."""

    def __post_init__(self) -> None:
        TransferConfig.__post_init__(self)
        check_range(self, 1, math.inf, "seeds", "neighbours")
        if self.evar_lr is not None:
            check_range(self, 0, math.inf, "evar_lr")
        check_share(self, "valid_share")
        if not self.protocol:
            raise TrainerError("nothing to do: give a --protocol")
        features = self.features(None)  # what cannot be read is refused at once
        if "attentive" in self.protocol and any(LOGMEL in feature.layers for feature in features):
            raise TrainerError(
                f"layers = {self.layers}: the attentive probe takes time steps of an encoder's layers; leave "
                f"{LOGMEL} out"
            )

    @property
    def several_layers(self) -> bool:
        """Whether scores of different layers can be compared."""
        return self.layers.strip() in EACH and not self.choose

    def features(self, blocks: int | None) -> list[Feature]:
        """Return the features to probe of an encoder of so many blocks, as `parse_features` does.

        Raises:
            TrainerError: layers or poolings that cannot be read, or that the encoder has not.
        """
        return parse_features(self.layers, self.pooling, blocks, alternatives=self.choose)
