"""Settings of `trainer export onnx`: apart, so that who asks for help need not wait for torch."""

from dataclasses import dataclass

from tyro.conf import Positional


@dataclass(frozen=True, kw_only=True)
class OnnxConfig:
    """Settings of `export_onnx`."""

    run: Positional[str]
    """Sound encoder: a folder that `trainer export --clips` wrote, or the name of a shipped one."""
    out: str
    """ONNX file to write."""
    json: bool = False
    """Print JSON instead of text."""
