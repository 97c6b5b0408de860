"""``trainer export onnx``: a sound encoder as one ONNX file."""

from patterngen.terminal import print_report
from trainer.encoders.onnx_config import OnnxConfig


def run(config: OnnxConfig) -> None:
    """Write a sound encoder as one ONNX file, from the waveform on, checked against torch."""
    from trainer.encoders.onnx_export import export_onnx

    print_report(export_onnx(config), json=config.json)
