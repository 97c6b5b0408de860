"""`trainer export`: an encoder of a run as a folder with a card, and its way to the Hub."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from torch import Tensor

from patterngen.common.croissant import CROISSANT
from patterngen.escape import as_text
from patterngen.publishing.hub import hub_api, hub_errors, repository, send
from patterngen.storage.files import write_atomic
from trainer.encoders.adapt import adaptation_report, restore_sound_encoder
from trainer.encoders.audio_config import FeatureConfig
from trainer.encoders.config import EncoderConfig
from trainer.encoders.exported import (
    CONFIG,
    WEIGHTS,
    StoredDtype,
    as_stored,
    export_encoder,
    load_encoder,
    stored_dtype,
)
from trainer.encoders.for_clips import encoder_by_pictures, encoder_for_clips
from trainer.errors import TrainerError, check_folder
from trainer.pretraining.environment import PROVENANCE
from trainer.pretraining.provenance import provenance_of, write_provenance
from trainer.publishing.card import CARD, About, encoder_card
from trainer.publishing.card_scores import scores_of
from trainer.publishing.croissant import encoder_croissant
from trainer.sound.audio_files import clips_below

_LICENSE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")


@dataclass(frozen=True, kw_only=True)
class ExportConfig(FeatureConfig):
    """Settings of `export`.

    Examples:
        >>> from trainer import ExportConfig
        >>> config = ExportConfig(run="runs/smooth", clips="recordings", out="encoders/smooth")
    """

    run: str
    """A run folder, one checkpoint of it, an exported folder, or the name of a shipped encoder."""
    out: str
    """Folder to write encoder.safetensors, config.json, the card README.md and croissant.json into."""
    clips: str | None = None
    """Folder of audio files: the encoder is adapted to sound, standardised by their log-mels. Without it the
    export is what the run holds: the picture encoder, or a sound encoder that may get another feature."""
    statistics: Literal["clips", "pictures"] = "clips"
    """What an encoder of pictures is adapted to sound by: the mean and deviation of the clips' log-mels; or
    those of its pictures, whose darkest to brightest shade is --range-db, which needs no recording at all."""
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """How matrices are stored: bfloat16 halves the file, and they are computed with in float32 all the same.
    auto leaves them as they are in an exported folder, and is float32 for a run."""
    scores: tuple[str, ...] = ()
    """Folder that `trainer transfer … --out` wrote scores of this very encoder to, for its card. May be
    repeated."""
    license: str | None = None
    """Licence of the weights for the card, as an SPDX identifier: CC0-1.0."""
    push: str | None = None
    """Send the folder to the Hugging Face Hub: hf://USER/NAME. The card tells what was typed to train it."""
    private: bool = False
    """Make the Hub's repository private, if it is made."""
    json: bool = False
    """Print JSON instead of text."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.license is not None and not _LICENSE.fullmatch(self.license):
            raise TrainerError(f"--license {self.license!r}: give an SPDX identifier, as CC0-1.0")
        if self.statistics == "pictures" and self.clips is not None:
            raise TrainerError("--statistics pictures looks at no clips: leave --clips out")
        if self.push is None:
            if self.private:
                raise TrainerError("--private is about the repository on the Hub: give --push")
            return
        repository(self.push, "model")  # which checks it
        if not self.scores:
            raise TrainerError(
                f"--push {self.push}: its card would have no scores; evaluate the exported folder by "
                "`trainer transfer … --out DIR` and give --scores DIR"
            )


def export(config: ExportConfig) -> tuple[str, ...]:
    """Write the encoder of a run as safetensors and JSON with its card, adapted to sound if asked to.

    Returns:
        What was done to which tensor, a line each, the feature of a sound encoder, and what was sent.

    Raises:
        TrainerError: no encoder there, no clips, a feature of layers that the encoder has not, or folders of
            scores without any of this encoder.
        PatternGenError, RunFailedError: as `patterngen publish --push`, if it is to be sent.

    Examples:
        >>> from trainer import ExportConfig, export
        >>> report = export(ExportConfig(run="patterns-tiny", out="encoder", layers="6"))
        >>> report[-1]
        'feature: layer 6, concat+std: 1920 numbers a clip'
    """
    check_folder(config.out)
    api = None if config.push is None else hub_api(config.push)
    provenance = provenance_of(config.run)
    encoder_config, weights, report = _encoder(config)
    dtype: StoredDtype = stored_dtype(config.run) if config.dtype == "auto" else config.dtype
    state = as_stored(weights, dtype)
    name = Path(config.out).resolve().name
    about = About(
        name=name,
        config=encoder_config,
        parameters=sum(tensor.numel() for tensor in state.values()),
        bytes=sum(tensor.nbytes for tensor in state.values()),
        dtype=dtype,
        provenance=provenance,
        scores=scores_of(name, encoder_config, state, config.scores) if config.scores else "",
        license=config.license,
    )
    folder = Path(config.out)
    export_encoder(folder, encoder_config, state)
    if provenance is not None:
        write_provenance(folder, provenance)
    write_atomic(folder / CARD, as_text(encoder_card(about)).encode())
    described = [file for file in (WEIGHTS, CONFIG, PROVENANCE) if (folder / file).is_file()]
    write_atomic(folder / CROISSANT, encoder_croissant(folder, described, about).encode())
    if api is None or config.push is None:
        return report
    files = {file: folder / file for file in (*described, CROISSANT, CARD)}
    with hub_errors(config.push, "nothing was committed; run it again"):
        there = repository(config.push, "model")
        api.create_repo(there, repo_type="model", private=config.private, exist_ok=True)
        send(api, there, "model", files, f"{name}: weights, config and card")
    return (*report, f"{config.push}: sent {len(files)} files")


def _encoder(config: ExportConfig) -> tuple[EncoderConfig, Mapping[str, Tensor], tuple[str, ...]]:
    """Load what is to be exported: its config, its weights, and what was done to which tensor."""
    if config.statistics == "pictures":
        encoder = encoder_by_pictures(config, config.run)
    elif config.clips is not None:
        encoder = encoder_for_clips(config, config.run, clips_below(config.clips))
    else:
        encoder_config, state = load_encoder(config.run)
        if encoder_config.logmel is None:
            if config.layers is not None or config.pooling is not None:
                raise TrainerError(
                    f"{config.run}: an encoder of pictures, which has no feature; a sound encoder has: add "
                    "--clips FOLDER_OF_SOUND, or leave --layers and --pooling out"
                )
            return encoder_config, state, adaptation_report(state)
        feature = config.feature(config.run)
        encoder = restore_sound_encoder(replace(encoder_config, feature=feature), state)
    described = f"feature: {encoder.feature.description}: {encoder.clip_dim} numbers a clip"
    return encoder.config, encoder.vit.state_dict(), (*encoder.load_report, described)
