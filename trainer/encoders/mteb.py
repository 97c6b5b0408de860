"""An encoder as mteb takes it, for its tasks of sound.

```python
import mteb

from trainer.encoders.mteb import MtebFeatures

tasks = mteb.get_tasks(modalities=["audio"], task_types=["AudioClassification"])
mteb.evaluate(MtebFeatures("encoders/smooth"), tasks)
```

mteb is no requirement of ours: nothing of it is imported before it asks who the encoder is. The API:
``EncoderProtocol`` of mteb 2.26.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from trainer import digests
from trainer.encoders.encoder import load
from trainer.errors import TrainerError
from trainer.sound.audio import Waveform

Clip = tuple[Waveform, int]
"""One channel of sound [T] and its rate in hertz."""


class Loader(Protocol):
    """What mteb hands out: torch's ``DataLoader``, whose batches the encoder may put together itself."""

    collate_fn: Any

    def __iter__(self) -> Any:
        """Yield batches."""
        ...


class MtebFeatures:
    """One vector a clip, compared by cosine.

    Args:
        model_name: the folder of a sound encoder, as `trainer export --clips` writes it, or the name of a
            shipped one.
        revision: the name under which mteb files results of this state of it; by default a digest of its
            weights and of its feature.
        device: auto, cpu, cuda, cuda:1 …

    Raises:
        TrainerError: no sound encoder there.
    """

    def __init__(
        self, model_name: str, revision: str | None = None, device: str | None = None, **_: Any
    ) -> None:
        self.encoder = load(model_name, device=device or "auto")
        self._name = Path(model_name).resolve().name
        model = self.encoder.model
        weights = digests.of_tensors(model.vit.state_dict())
        self._revision = revision or digests.of_values(weights, repr(model.config))[:12]

    @property
    def mteb_model_meta(self) -> Any:
        """Who the encoder is, as mteb's ``ModelMeta``."""
        meta = import_module("mteb.models.model_meta").ModelMeta
        return meta.create_empty(
            {
                "name": f"patterngen/{self._name}",
                "revision": self._revision,
                "modalities": ["audio"],
                "embed_dim": self.encoder.dim,
                "n_parameters": sum(weight.numel() for weight in self.encoder.model.parameters()),
                "framework": ["PyTorch"],
            }
        )

    def encode(
        self,
        inputs: Loader,
        *,
        task_metadata: Any,
        hf_split: str,
        hf_subset: str,
        prompt_type: Any = None,
        **_: Any,
    ) -> NDArray[np.float32]:
        """Embed the clips of a task.

        Args:
            inputs: loads rows with ``audio``, a mapping of ``array``, floating point [T] or [C, T] in
                [−1, 1], and ``sampling_rate``, hertz.
            task_metadata: the task; its name is for messages.
            hf_split: without meaning here, as is the rest.
            hf_subset: see above.
            prompt_type: see above.

        Returns:
            float32 [N, dim], in order.

        Raises:
            TrainerError: rows without sound, or sound that is none.
        """
        inputs.collate_fn = list  # of rows as they are: clips have several lengths and rates
        vectors = [np.empty((0, self.encoder.dim), np.float32)]
        for rows in inputs:
            if not all("audio" in row for row in rows):
                raise TrainerError(
                    f"{task_metadata.name}: rows without audio; this encoder is of sound alone"
                )
            vectors.append(self._embed([_clip(row["audio"]) for row in rows]))
        return np.concatenate(vectors)

    def _embed(self, clips: Sequence[Clip]) -> NDArray[np.float32]:
        vectors = np.empty((len(clips), self.encoder.dim), np.float32)
        for rate in {rate for _, rate in clips}:
            chosen = [i for i, clip in enumerate(clips) if clip[1] == rate]
            vectors[chosen] = self.encoder.embed([clips[i][0] for i in chosen], rate)
        return vectors

    def similarity(self, embeddings1: Any, embeddings2: Any) -> Tensor:
        """Return the cosines of vectors [N, dim] with vectors [M, dim]: float32 [N, M]."""
        return _unit(embeddings1) @ _unit(embeddings2).T

    def similarity_pairwise(self, embeddings1: Any, embeddings2: Any) -> Tensor:
        """Return the cosines of vectors [N, dim] with those of the same place: float32 [N]."""
        return (_unit(embeddings1) * _unit(embeddings2)).sum(dim=-1)


def _clip(audio: Mapping[str, Any]) -> Clip:
    """Take a clip as ``datasets`` decodes it, its channels averaged."""
    samples = np.asarray(audio["array"])
    return (samples.mean(axis=0) if samples.ndim > 1 else samples), int(audio["sampling_rate"])


def _unit(embeddings: Any) -> Tensor:
    """Return vectors [N, dim], or one [dim], as rows of length 1."""
    return functional.normalize(torch.atleast_2d(torch.as_tensor(embeddings).float()), dim=-1)
