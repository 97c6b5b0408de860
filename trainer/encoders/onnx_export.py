"""`trainer export onnx`: a sound encoder as one ONNX graph, from the waveform to its embedding.

Letters in shapes: N clips, T samples, M mel bands, C chunks of a clip, S time steps, D numbers of a clip's
embedding, E numbers of a time step.
"""

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from patterngen import MissingDependencyError, RunFailedError, __version__
from patterngen.escape import visible
from patterngen.storage.files import output_file, write_atomic
from trainer.encoders.encoder import Encoder, load
from trainer.encoders.feature import LOGMEL
from trainer.encoders.onnx_config import OnnxConfig
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.errors import TrainerError
from trainer.sound.logmel import standardise, tables

if TYPE_CHECKING:
    import onnx
    import onnxruntime

TOLERANCE = 1e-3
"""Largest difference between ONNX Runtime and torch, in standard deviations of the features."""
_LARGEST = 2**31 - 2**20  # bytes; a protobuf holds less than 2 GiB, the graph itself a few hundred kilobytes


@dataclass(frozen=True)
class Exported:
    """What was written, and how it was checked.

    Attributes:
        out: ONNX file that was written.
        inputs: number of inputs on which ONNX Runtime and torch were compared.
        difference: the largest of an embedding or feature, in standard deviations of the features.
    """

    out: str
    inputs: int
    difference: float

    def __str__(self) -> str:
        return (
            f"{visible(self.out)}: ONNX Runtime and torch differ by {self.difference:.1e} standard "
            f"deviations at most, on {self.inputs} inputs"
        )


class WaveformEncoder(nn.Module):
    """A sound encoder from the waveform on, as one expression without loops over time.

    How many chunks a clip has is not known while the graph is written, so they become a batch, and what fills
    the last one up is hidden from attention. The numbers are those of `SoundEncoder.embed`.
    """

    def __init__(self, encoder: SoundEncoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, waveform: Tensor) -> tuple[Tensor, Tensor]:
        """Embed clips of equal length.

        Args:
            waveform: float32 [N, T], at the encoder's rate, T at least that of one frame.

        Returns:
            The embedding by the encoder's feature [N, D], and its layers over time [N, S, E].
        """
        encoder, config = self.encoder, self.encoder.config
        bands = encoder.logmel(waveform)
        sound = standardise(bands, config.mean, config.std)
        # As `SoundEncoder.steps` and `width` have it, in operations on sizes that are not known yet.
        patch, hop, most = encoder.patch, encoder.hop, encoder.chunk_steps
        steps = torch.sym_max((sound.shape[2] + hop - (patch + 1) // 2) // hop, 1)
        count = (steps + most - 1) // most
        # What lies beyond a clip's end is zero, the mean of all sound.
        length = count * most * hop + patch - hop
        sound = functional.pad(sound, (0, encoder.width(most)))[:, :, :length]
        chunks = sound.unfold(2, encoder.width(most), most * hop).transpose(1, 2).flatten(0, 1)
        own = (torch.arange(count) * -most + steps).clamp(max=most).repeat(waveform.shape[0])
        features = encoder(chunks, own).unflatten(0, (waveform.shape[0], count)).flatten(1, 2)[:, :steps]
        return self._embedding(features, bands), features

    def _embedding(self, features: Tensor, bands: Tensor) -> Tensor:
        """Pool features over time [N, S, E], and the log-mels [N, M, F] that they come from: [N, D]."""
        feature, found = self.encoder.feature, []
        for layer, part in zip(feature.layers, features.split(_sizes(self.encoder)[1], dim=2), strict=True):
            if layer == LOGMEL:
                found += [bands.mean(dim=2), _deviation(bands, dim=2)]
            elif feature.pooling == "mean":
                found.append(part.unflatten(2, (self.encoder.rows, -1)).mean(dim=(1, 2)))
            else:
                found.append(part.mean(dim=1))
                if feature.pooling == "concat+std":
                    found.append(_deviation(part, dim=1))
                elif feature.pooling == "concat+max":
                    found.append(part.amax(dim=1))
        return torch.cat(found, dim=1)


def _sizes(encoder: SoundEncoder) -> tuple[list[int], list[int]]:
    """Return how many numbers of an embedding, and of a time step, are of each layer."""
    shape = encoder.rows, encoder.vit.embed_dim, encoder.logmel.n_mels
    return encoder.feature.sizes(*shape), encoder.feature.step_sizes(*shape)


def _deviation(values: Tensor, dim: int) -> Tensor:
    """Return the standard deviation along a dimension, in operations that ONNX has."""
    return (values - values.mean(dim=dim, keepdim=True)).square().mean(dim=dim).sqrt()


def export_onnx(config: OnnxConfig) -> Exported:
    """Write a sound encoder as an ONNX file, after ONNX Runtime has computed the same with it as torch.

    The graph takes ``waveform`` (float32 [clips, samples], any number of either) at the rate that its
    metadata name, and gives ``embedding`` [clips, D] and ``features`` [clips, steps, E].

    Raises:
        TrainerError: no sound encoder there, or more weights than a file of ONNX holds.
        MissingDependencyError: the extra ``onnx`` is not installed.
        RunFailedError: ONNX Runtime computes something else; nothing is written.
    """
    out = output_file(config.out, ".onnx")
    _need_onnx()
    encoder = load(config.run, device="cpu", precision="float32")
    size = sum(weight.nbytes for weight in encoder.model.state_dict().values())
    if size > _LARGEST:
        raise TrainerError(f"{config.run}: has {size / 1e9:.1f} GB of weights, and an ONNX file holds 2.1 GB")
    graph = _graph(encoder)
    found = _compare(encoder, graph, config.out)
    write_atomic(out, graph)
    return found


def _need_onnx() -> None:
    try:
        import onnxruntime
        import onnxscript  # noqa: F401 - torch writes ONNX with it
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"the Python package {error.name!r} is missing: pip install 'patterngen[train,onnx]'"
        ) from None
    onnxruntime.set_default_logger_severity(3)  # no warnings about graphs that are right


@torch.no_grad()
def _graph(encoder: Encoder) -> bytes:
    """Return the serialised graph."""
    some = torch.export.Dim.DYNAMIC
    # The example has several chunks and clips: sizes of 1 would be taken for constants.
    example = torch.zeros(2, encoder.model.logmel.samples(3 * encoder.model.chunk))
    # The log-mel's tables are made at first use and kept. Made while torch writes the graph, they would be
    # symbols, and stay so.
    tables(encoder.model.logmel, example.device, example.dtype)
    with _quiet():
        program = torch.onnx.export(
            WaveformEncoder(encoder.model).eval(),
            (example,),
            dynamo=True,
            dynamic_shapes=({0: some, 1: some},),
            input_names=["waveform"],
            output_names=["embedding", "features"],
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    _describe(model, encoder)
    return bytes(model.SerializeToString())


def _describe(model: "onnx.ModelProto", encoder: Encoder) -> None:
    """Say what the graph is for, in names of ours, and take out where its source lies on this machine."""
    model.producer_name, model.producer_version = "patterngen", __version__
    described = {
        "sample_rate": encoder.sample_rate,
        "min_samples": _shortest(encoder.model),
        "dim": encoder.dim,
        "step_dim": encoder.step_dim,
        "step_ms": encoder.hop_ms(float("inf")),
        "encoder": json.dumps(asdict(encoder.model.config)),
    }
    for key, value in described.items():
        model.metadata_props.add(key=key, value=str(value))
    for part in (*model.graph.node, *model.graph.input, *model.graph.output):
        del part.metadata_props[:]
    del model.graph.value_info[:]
    names = {"waveform": ("clips", "samples"), "embedding": ("clips",), "features": ("clips", "steps")}
    for value in (*model.graph.input, *model.graph.output):
        for size, name in zip(value.type.tensor_type.shape.dim, names[value.name], strict=False):
            size.dim_param = name


def _shortest(encoder: SoundEncoder) -> int:
    """Return the number of samples of one frame, the least that the graph takes."""
    return max(1, encoder.logmel.samples(1))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what torch says to its own developers off the screen."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir", "torch.export")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def _compare(encoder: Encoder, graph: bytes, out: str) -> Exported:
    """Run the graph beside the encoder on clips of several numbers and lengths."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    inputs = list(_trials(encoder.model))
    apart, spread = zip(*(_differences(encoder, session, waveform) for waveform in inputs), strict=True)
    # Each layer by its own size, over all inputs: one frame alone may be the same in all bands. Unlike max,
    # NumPy keeps NaN, which is no agreement.
    worst = float((np.max(apart, axis=0) / np.max(spread, axis=0)).max())
    if not worst <= TOLERANCE:
        raise RunFailedError(
            f"{out}: ONNX Runtime {onnxruntime.__version__} and torch {torch.__version__} differ by "
            f"{worst:.1e} standard deviations, more than {TOLERANCE:g}; nothing was written"
        )
    return Exported(out, len(inputs), worst)


def _trials(encoder: SoundEncoder) -> Iterator[NDArray[np.float32]]:
    """Yield hisses with a hum in them, shorter and longer than a step and a chunk, and the edges between."""
    random = np.random.default_rng(0)
    chunk = encoder.logmel.samples(encoder.chunk)
    shortest = _shortest(encoder)
    for clips, samples in ((1, shortest), (1, chunk // 3), (3, chunk), (2, chunk + 1), (1, 5 * chunk // 2)):
        time = np.arange(max(samples, shortest)) / encoder.logmel.sample_rate
        hum = np.sin(2 * np.pi * random.uniform(200, 2000, (clips, 1)) * time)
        yield (0.1 * hum + 0.05 * random.standard_normal(hum.shape)).astype(np.float32)


def _differences(
    encoder: Encoder, session: "onnxruntime.InferenceSession", waveform: NDArray[np.float32]
) -> tuple[list[np.floating], list[np.floating]]:
    """Compare embeddings with those of `Encoder.embed`, and features over time with the module's.

    Returns:
        For each layer the largest difference of either, and the deviation of its features over time.
    """
    embedding, features = session.run(["embedding", "features"], {"waveform": waveform})
    expected = encoder.embed(waveform, encoder.sample_rate)
    with torch.no_grad():
        over_time = WaveformEncoder(encoder.model)(torch.from_numpy(waveform))[1].numpy()
    if embedding.shape != expected.shape or features.shape != over_time.shape:
        raise RunFailedError(
            f"ONNX Runtime gives arrays of shapes {embedding.shape} and {features.shape}, torch of "
            f"{expected.shape} and {over_time.shape}; nothing was written"
        )
    of_clip, of_step = (np.cumsum(sizes)[:-1] for sizes in _sizes(encoder.model))
    pairs = zip(
        np.split(np.abs(embedding - expected), of_clip, axis=1),
        np.split(np.abs(features - over_time), of_step, axis=2),
        strict=True,
    )
    apart = [np.maximum(one.max(), other.max()) for one, other in pairs]
    return apart, [layer.std() for layer in np.split(over_time, of_step, axis=2)]
