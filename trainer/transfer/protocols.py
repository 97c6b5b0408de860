"""What decides a score besides encoder and clips, as one digest in every row: the protocol's."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from trainer import digests
from trainer.results.rows import OF_ENCODER
from trainer.sound.logmel import LogMel
from trainer.transfer.task_features import EMBEDDING_VERSION

VERSIONS = {"linear": 2, "linear-evar": 1, "attentive": 1, "knn": 1, "finetune": 1}
"""Numbers of protocols, by the first word of their names. Whoever changes its code, or code it calls,
so that the same encoder gets other scores on the same clips, raises it: scores of two are not averaged."""


def protocol_sha256(protocol: str, settings: Mapping[str, Any], logmel: LogMel, precision: str) -> str:
    """Return the digest of a protocol as it took effect.

    Args:
        protocol: its name, with what it tells of layers and poolings.
        settings: of the row; those that are an encoder's own, such as its patches, are left out.
        logmel: how clips became spectrograms.
        precision: of the encoder's products.
    """
    own = {name: value for name, value in settings.items() if name not in (*OF_ENCODER, "precision")}
    version = VERSIONS[protocol.split()[0]]
    return digests.of_values(protocol, version, EMBEDDING_VERSION, own, asdict(logmel), precision)
