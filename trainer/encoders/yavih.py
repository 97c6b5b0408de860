"""An encoder as yavih takes it: a bridge from files of a benchmark to features, in a file of the user's.

```python
# smooth_bridge.py
from trainer.encoders.yavih import YavihFeatures


class SmoothBridge(YavihFeatures):
    path = "encoders/smooth"
```

``yavih bridge check smooth_bridge.py --bench BENCH`` checks it. yavih comes with ``pip install
'patterngen[train,yavih]'``. The API: yavih 1.0.0, "Bridge reference" (``yavih skill show --ref bridge``).
"""

import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import soundfile
from numpy.typing import NDArray
from yavih import Bridge, MediaUndecodable, NotApplicable
from yavih.bridge import fingerprint_state_dict

from trainer.encoders.encoder import load
from trainer.errors import ClipError, TrainerError
from trainer.sound.audio import Waveform, read_clip


class YavihFeatures(Bridge):  # type: ignore[misc]
    """One vector a clip, of the encoder at `path`; a subclass says which.

    What yavih is told of it is what the encoder's folder says: layers, pooling, log-mel, normalisation. It
    computes in float32, so that a machine with bfloat16 gives the same.

    Attributes:
        path: the folder of a sound encoder, as `trainer export --clips` writes it, or the name of a shipped
            one.
        model: the name under which yavih files results; by default that of the folder.

    Raises:
        TrainerError: the subclass names no path, or there is no sound encoder.
    """

    path: ClassVar[str] = ""
    model: ClassVar[str] = ""
    batch_size = 32
    dtype = "float32"
    pos_mode = "none"
    streams = ("audio",)

    def __init__(self, bench: Any, args: dict[str, Any] | None = None) -> None:
        super().__init__(bench, args)
        if not self.path:
            name = type(self).__name__
            raise TrainerError(f'{name} names no encoder: give it path = "FOLDER", or a shipped one by name')
        if "audio" not in bench.streams:
            raise NotApplicable(f"{bench.name} has no sound")
        self.encoder = load(self.path, precision="float32")
        self.encoder.model.eval()
        self._weights = fingerprint_state_dict(self.encoder.model)

    def describe(self) -> dict[str, Any]:
        """Say what computes the features, as plain values."""
        config, feature = self.encoder.model.config, self.encoder.model.feature
        assert config.logmel is not None  # or `load` had refused it
        return {
            "model": self.model or re.sub(r"[^A-Za-z0-9_.-]", "_", Path(self.path).resolve().name)[:64],
            "reading": "a",
            "weights_sha256": self._weights,
            "weights_ref": self.path,
            "layer": ",".join(map(str, feature.layers)),
            "pooling": feature.pooling,
            "dtype": self.dtype,
            "batch_size": self.batch_size,
            "streams": list(self.streams),
            "pos_mode": self.pos_mode,
            "views": 1,
            "input": {
                "audio": {
                    "temporal": {"rule": "full", "max_s": None, "pad_to_s": None},
                    "front_end": {
                        "resample": "soxr, high quality",
                        "features": "log-mel",
                        "channels": "mean",
                        **asdict(config.logmel),
                    },
                    "norm": {"mean": config.mean, "std": config.std, "source": "config.json of the encoder"},
                    "decoder": {"lib": "soundfile", "version": soundfile.__version__},
                }
            },
            "precision": {
                "autocast": None,
                "matmul_precision": "highest",
                "allow_tf32": False,
                "deterministic": True,
            },
            "args": dict(self.args),
        }

    def prepare(self, sample: Any) -> Waveform:
        """Read a clip: float32 [T] at the encoder's rate."""
        path = sample.streams["audio"].path
        if path is None:
            raise NotApplicable(f"{self.bench.name} keeps its sound in tars; unpack it")
        try:
            return read_clip(path, self.encoder.sample_rate)
        except ClipError as error:
            raise MediaUndecodable([sample.clip_id], error.reason) from None

    def encode(self, samples: Sequence[Any]) -> tuple[NDArray[np.float32], None, list[dict[str, Any]]]:
        """Embed clips: float32 [N, 1, dim], no positions, and which samples of each file were read."""
        vectors = self.encoder.embed([sample.prepared for sample in samples], self.encoder.sample_rate)
        whole = [[[0, sample.streams["audio"].info["n_samples"]]] for sample in samples]
        return vectors[:, None], None, [{"audio": {"samples": part, "pad": [0, 0]}} for part in whole]
