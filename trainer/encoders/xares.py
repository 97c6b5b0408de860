"""An encoder as X-ARES takes it: a class that it makes without arguments, from a file of the user's.

```python
# smooth_encoder.py
from trainer.encoders.xares import XaresFeatures


class SmoothEncoder(XaresFeatures):
    path = "encoders/smooth"
```

``python -m xares.run smooth_encoder.py TASKS`` evaluates it. X-ARES wants one name in that file that ends in
``Encoder``, and keeps what it computes under it: an encoder needs a class of its own.

The API: Zhang et al., "X-ARES: A Comprehensive Framework for Assessing Audio Encoder Performance" (2025).
"""

from typing import ClassVar

import torch
from torch import Tensor, nn

from trainer.encoders.encoder import load
from trainer.errors import TrainerError


class XaresFeatures(nn.Module):
    """Features over time of the encoder at `path`; a subclass says which.

    Attributes:
        path: the folder of a sound encoder, as `trainer export --clips` writes it, or the name of a shipped
            one.
        max_hop_ms: time steps are at most so many milliseconds apart.
        sampling_rate: hertz at which it wants its sound.
        output_dim: numbers of a time step.
        hop_size_in_ms: distance of two time steps.

    Raises:
        TrainerError: the subclass names no path, or there is no sound encoder.
    """

    path: ClassVar[str] = ""
    max_hop_ms: ClassVar[float] = 50.0

    def __init__(self) -> None:
        super().__init__()
        if not self.path:
            name = type(self).__name__
            raise TrainerError(f'{name} names no encoder: give it path = "FOLDER", or a shipped one by name')
        self.encoder = load(self.path)
        self.network = self.encoder.model  # as a part of this module it moves with it from device to device
        self.sampling_rate = self.encoder.sample_rate
        self.output_dim = self.encoder.step_dim
        self.hop_size_in_ms = self.encoder.hop_ms(self.max_hop_ms)
        self.eval()

    def forward(self, audio: Tensor) -> Tensor:
        """Describe clips over time.

        Args:
            audio: float [N, T] at the sampling rate, in [−1, 1].

        Returns:
            float32 [N, t, output_dim], on the device of the audio.
        """
        features, _ = self.encoder.frames(audio, self.sampling_rate, self.max_hop_ms)
        return torch.from_numpy(features).to(audio.device)
