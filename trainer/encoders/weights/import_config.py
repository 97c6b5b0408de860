"""Settings of `trainer import`: apart, so that who asks for help need not wait for torch."""

from dataclasses import dataclass

from tyro.conf import Positional

from trainer.errors import check_range


@dataclass(frozen=True, kw_only=True)
class ImportConfig:
    """Settings of `import_weights`."""

    checkpoint: Positional[str]
    """Weights of the published masked autoencoder or of a timm ViT (.safetensors, .pth), or a timm model's
    name, whose weights timm then fetches."""
    out: str
    """Folder to write the encoder, its config and its decoder into."""
    checkpoint_key: str | None = None
    """Which weights are meant where the file holds several: model_ema, or teacher.backbone."""
    image_size: int | str | None = None
    """Input in pixels, as 80x208, where it is not a square."""
    decoder_heads: int = 16
    """Attention heads of the decoder, which its weights do not tell; 16 in the published models."""
    mean: float = 0.449
    """Mean, in [0, 1], of the pictures that the weights were trained on; ImageNet's over all channels."""
    std: float = 0.226
    """Standard deviation of those pictures."""
    json: bool = False
    """Print JSON instead of text."""

    def __post_init__(self) -> None:
        check_range(self, 1, 1 << 16, "decoder_heads")
        check_range(self, 0, 1, "mean")
        check_range(self, 1e-3, 1, "std")
