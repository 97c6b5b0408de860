"""What an encoder's card says of its scores: rows of these very weights, beside floor and random ones."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from trainer.encoders.adapt import restore_sound_encoder
from trainer.encoders.config import EncoderConfig
from trainer.errors import TrainerError
from trainer.publishing.markdown import fenced
from trainer.results.bootstrap import with_intervals
from trainer.results.differences import differences
from trainer.results.file import read_results
from trainer.results.forms import markdown
from trainer.results.grid import grid
from trainer.results.names import FLOOR
from trainer.results.rows import summarise
from trainer.transfer.evaluation import identity


def scores_of(name: str, config: EncoderConfig, state: Mapping[str, Tensor], folders: Sequence[str]) -> str:
    """Lay out as Markdown what folders of results hold of an encoder, floor and random weights beside it.

    Rows are known by the hash of the network: those of other weights, of the run before it was exported say,
    or of the same before they were rounded, are of another encoder.

    Args:
        name: what the card calls it, whatever the rows do.
        config: of the encoder.
        state: its weights as they are stored.
        folders: that `trainer transfer … --out` wrote to.

    Raises:
        TrainerError: an encoder of pictures, a folder without results, or none of this encoder.
    """
    if config.logmel is None:
        raise TrainerError(
            f"--scores {folders[0]}: scores are of encoders that hear, and {name} is one of pictures; add "
            "--clips"
        )
    encoder = restore_sound_encoder(config, {key: tensor.float() for key, tensor in state.items()})
    rows = [row for folder in folders for row in read_results(Path(folder))]
    own = [replace(row, encoder=name) for row in rows if row.encoder_sha256 == encoder.sha256]
    if not own:
        others = sorted({row.encoder for row in rows if row.encoder_sha256})
        raise TrainerError(
            f"--scores {' '.join(folders)}: no score there is of these weights (encoders there: "
            f"{', '.join(others) or 'none'}); export without --scores, evaluate that folder, and export again"
        )
    untrained = identity(encoder, untrained=True)
    evaluated = {(row.task, row.data_sha256, row.protocol.split()[0]) for row in own}
    beside = [
        row
        for row in rows
        if (row.encoder == FLOOR or row.encoder_sha256 == untrained)
        and (row.task, row.data_sha256, row.protocol.split()[0]) in evaluated
    ]
    results = with_intervals(summarise([*beside, *own]))
    parts = [markdown(grid(results))]
    if any(row.encoder.startswith("random") for row in beside):
        compared = differences([row for row in results if row.encoder != FLOOR], "random")
        parts.append(markdown(grid(compared.results, against="random", notes=compared.notes)))
    commands = fenced("\n".join(dict.fromkeys(row.command for row in own)))
    versions = ", ".join(sorted({row.version for row in own}))
    return "\n".join([*parts, f"Made by patterngen {versions}:\n\n{commands}\n"])
