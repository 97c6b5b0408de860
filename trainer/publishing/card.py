"""The card of an exported encoder: what it is, what it learned from and how, and what it is worth."""

import json
from dataclasses import dataclass

from patterngen import __version__
from patterngen.common.yaml_text import dump_yaml, parse_yaml
from trainer.encoders.config import EncoderConfig
from trainer.encoders.exported import StoredDtype
from trainer.encoders.feature import TIME_AVERAGE
from trainer.pretraining.provenance import Provenance
from trainer.publishing.markdown import fenced, line
from trainer.sound.logmel import LogMel

CARD = "README.md"
NO_SCORES = "No scores were given: nothing is known here of what this encoder is worth."


@dataclass(frozen=True, kw_only=True)
class About:
    """What a card is written from.

    Attributes:
        name: what the encoder is called.
        config: what it is.
        parameters: how many weights.
        bytes: what they take as they are stored.
        dtype: how its matrices are stored.
        provenance: how it was pre-trained; None where nobody tells.
        scores: Markdown; empty where there are none.
        license: SPDX identifier; None where none was named.
    """

    name: str
    config: EncoderConfig
    parameters: int
    bytes: int
    dtype: StoredDtype
    provenance: Provenance | None
    scores: str
    license: str | None


def encoder_card(about: About) -> str:
    """Write the card: Hugging Face's YAML header, then what a user wants to know."""
    hears = about.config.logmel is not None
    header: dict[str, object] = {} if about.license is None else {"license": about.license.lower()}
    header |= {
        "library_name": "patterngen",
        "pipeline_tag": "feature-extraction",
        "tags": ["audio" if hears else "image", "masked-autoencoder"],
    }
    sections = [
        f"---\n{dump_yaml(header)}---",
        f"# {line(about.name)}",
        _what(about),
        *(["## Use", _use(about)] if hears else []),
        "## Input",
        _input(about.config),
        "## Pre-training",
        _pretraining(about.provenance),
        "## Scores",
        about.scores.strip() or NO_SCORES,
        "## Limits",
        _limits(about),
        "## Licence",
        "No licence was named." if about.license is None else f"The weights: {about.license}.",
    ]
    return "\n\n".join(sections) + "\n"


def _what(about: About) -> str:
    config = about.config
    kind = "pictures" if config.logmel is None else "sound"
    stride = "" if config.stride is None else f" every {_size(config.stride)}"
    patch = f"patches of {_size(config.patch_size)}{stride} on {_size(config.input_size)}"
    weights = f"{about.parameters / 1e6:.1f} million parameters, {about.bytes / 1e6:.1f} MB ({about.dtype})"
    return (
        f"An encoder of {kind}: `{config.model}`, {patch}, {weights}. Written by patterngen {__version__}: "
        "`config.json` and `encoder.safetensors` are all it takes, and nothing in them is pickled."
    )


def _use(about: About) -> str:
    config = about.config
    assert config.logmel is not None
    feature = config.feature or TIME_AVERAGE
    python = f"""import soundfile
import trainer

encoder = trainer.load({json.dumps(about.name, ensure_ascii=False)})  # this folder
waveform, rate = soundfile.read("clip.wav")
vector = encoder.embed(waveform, rate)  # float32 [1, encoder.dim]"""
    step = (config.stride or config.patch_size)[1] * config.logmel.hop_ms
    return (
        f"`pip install 'patterngen[train]'`, then\n\n{fenced(python, 'python')}\n\n"
        f"A clip becomes one vector: {feature.description}. Time steps are {step:g} ms long."
    )


def _input(config: EncoderConfig) -> str:
    statistics = f"Standardised by mean {config.mean:.4g} and deviation {config.std:.4g}."
    if config.logmel is None:
        kind = "gray" if config.channels == 1 else "colour"
        return f"Pictures of {_size(config.input_size)} pixels, {kind}, bytes / 255. {statistics}"
    rows = "\n".join(f"| {what} | {value} |" for what, value in _logmel(config.logmel))
    longest = (
        f"longer clips are cut into inputs of {config.input_size[1] * config.logmel.hop_ms / 1000:.3g} s"
    )
    table = f"| | |\n|---|---|\n{rows}"
    return f"One channel of sound becomes a log-mel spectrogram; {longest}.\n\n{table}\n\n{statistics}"


def _logmel(logmel: LogMel) -> list[tuple[str, str]]:
    level = (
        "absolute" if logmel.range_db is None else f"{logmel.range_db:g} dB below the loudest band of a clip"
    )
    return [
        ("style", logmel.style),
        ("sample rate", f"{logmel.sample_rate} Hz"),
        ("frames", f"{logmel.window_ms:g} ms every {logmel.hop_ms:g} ms, {logmel.window}"),
        ("bands", f"{logmel.n_mels}, {logmel.f_min:g} to {logmel.f_max:g} Hz, {logmel.mel_scale}"),
        ("levels", level),
    ]


def drawn_pictures(provenance: Provenance | None) -> str:
    """Say that what an encoder learned from was drawn; nothing where that is not known of all of it.

    Of the weights that it began with nothing is known here but where they lay.
    """
    if provenance is None or not provenance.jobs or not all(job.yaml for job in provenance.jobs):
        return ""
    drawn = (
        "All pictures that it learned from were drawn by patterngen, from seeds: no recording, no photograph,"
        " no person and nobody else's work was among them."
    )
    init = (parse_yaml(provenance.settings, "settings") or {}).get("init")
    if init is None:
        return drawn
    begun = f"It began with the weights of `{line(str(init))}`, of which this says nothing: see their card."
    return f"{drawn} {begun}"


def _pretraining(provenance: Provenance | None) -> str:
    if provenance is None:
        return "The folder it was exported from does not tell how it was trained."
    seen, pictures = provenance.images, provenance.pictures
    passes = f", {seen / pictures:.3g} passes over {pictures}" if pictures else ""
    cores, hours = provenance.core_hours, provenance.hours
    spent = f"{hours:.3g} hours" if cores is None else f"{cores:.3g} core-hours"
    packages = ", ".join(map(line, provenance.packages))
    said = (
        f"{provenance.steps} steps, {seen} pictures{passes}; {spent} by the speed of its steps, on "
        f"{line(provenance.device)}. Dataset `{line(provenance.dataset)}`; {packages}."
    )
    settings = "Settings of `trainer pretrain` that differ from its defaults:"
    origin = drawn_pictures(provenance)
    jobs = [_job(job.name, job.yaml) for job in provenance.jobs]
    parts = [*([origin] if origin else []), said, *jobs]
    parts.append(f"{settings}\n\n{fenced(provenance.settings, 'yaml')}")
    if provenance.commands:
        parts.append("Typed:\n\n" + fenced("\n".join(provenance.commands)))
    return "\n\n".join(parts)


def _job(name: str, text: str) -> str:
    if not text:
        return f"Pictures of `{line(name)}`: no job file was found that draws them again."
    return (
        f"Pictures of `{line(name)}`, which `patterngen render --config job.yaml --out DIR` draws again:\n\n"
        f"{fenced(text, 'yaml')}"
    )


def _limits(about: About) -> str:
    limits = []
    if (logmel := about.config.logmel) is not None:
        limits.append(f"Nothing below {logmel.f_min:g} or above {logmel.f_max:g} Hz is heard.")
        if logmel.range_db is not None:
            limits.append(
                "Levels are relative to the loudest band of a clip: how loud it was recorded is lost."
            )
        seconds = about.config.input_size[1] * logmel.hop_ms / 1000
        limits.append(f"What lies more than {seconds:.3g} s apart meets in the pooling over time alone.")
    if about.dtype == "bfloat16":
        limits.append("Matrices were rounded to bfloat16; they are computed with in float32.")
    if about.scores:
        limits.append("On other tasks than those above nothing was measured.")
    return "\n".join(f"- {limit}" for limit in limits) or "None were measured."


def _size(size: tuple[int, int]) -> str:
    return "{} × {}".format(*size)
