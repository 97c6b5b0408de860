"""An encoder as HEAR's tools take it: a module with `load_model` and two functions that embed.

``hear-validator trainer.encoders.hear --model encoders/smooth`` checks it; its evaluator takes the same two
words. The API: Turian et al., "HEAR: Holistic Evaluation of Audio Representations", PMLR 176 (2022), "Common
API".
"""

import torch
from torch import Tensor, nn

from trainer.encoders.encoder import Encoder, load

RATES = (16_000, 22_050, 44_100, 48_000)
"""Sample rates in hertz at which HEAR hands out its sound."""
MAX_HOP_MS = 50.0
"""The tolerance of HEAR's transcription tasks; time steps lie no further apart."""


class HearModel(nn.Module):
    """An encoder with the three numbers that HEAR asks for.

    Attributes:
        sample_rate: hertz at which sound must come: the encoder's own, or the next that HEAR knows.
        scene_embedding_size: numbers of the embedding of a clip.
        timestamp_embedding_size: numbers of the embedding of a time step.
    """

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.network = encoder.model  # as a part of this module it moves with it from device to device
        self.sample_rate = next((rate for rate in RATES if rate >= encoder.sample_rate), RATES[-1])
        self.scene_embedding_size, self.timestamp_embedding_size = encoder.dim, encoder.step_dim
        self.eval()


def load_model(model_file_path: str = "") -> HearModel:
    """Load a sound encoder: a folder that `trainer export --clips` wrote, or a shipped one by its name.

    Args:
        model_file_path: folder or name; by default the first encoder that comes with the package.

    Raises:
        TrainerError: no sound encoder there, or none named and none shipped.
    """
    return HearModel(load(model_file_path or None))


def get_scene_embeddings(audio: Tensor, model: HearModel) -> Tensor:
    """Embed clips.

    Args:
        audio: float [N, T] at the model's sample rate, in [−1, 1].
        model: from `load_model`.

    Returns:
        float32 [N, scene_embedding_size], on the device of the audio.
    """
    return torch.from_numpy(model.encoder.embed(audio, model.sample_rate)).to(audio.device)


def get_timestamp_embeddings(audio: Tensor, model: HearModel) -> tuple[Tensor, Tensor]:
    """Embed clips over time.

    Args:
        audio: float [N, T] at the model's sample rate, in [−1, 1].
        model: from `load_model`.

    Returns:
        float32 [N, t, timestamp_embedding_size], and float32 [N, t], the middles of the time steps in
        milliseconds: regular, at most 50 apart, none past the end. Both on the device of the audio.
    """
    features, times = model.encoder.frames(audio, model.sample_rate, MAX_HOP_MS)
    stamps = torch.from_numpy(times).float().expand(len(features), -1)
    return torch.from_numpy(features).to(audio.device), stamps.contiguous().to(audio.device)
