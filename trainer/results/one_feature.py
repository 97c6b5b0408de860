"""A column for what is one protocol, where each encoder is described by one feature alone."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from trainer.results.rows import Result

_OF_FEATURE = re.compile(r"([\w-]+) \(((?:layers? [\w+]+|logmel|mean|concat|concat\+max)(?:, [\w+]+)?)\)")
"""What probes of a feature call their protocol: ``linear (layers 6+norm)``, ``knn (layer 3, mean)``."""


def under_one_protocol(results: Sequence[Result]) -> tuple[list[Result], list[str]]:
    """Let rows of a feature stand in their protocol's column, unless an encoder has several there.

    Args:
        results: with distinct names.

    Returns:
        The rows, and notes that say by which feature an encoder was described.
    """
    features: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in results:
        protocol, feature = _split(row.protocol)
        features[protocol][row.encoder].add(feature)
    merged = {
        protocol
        for protocol, by_encoder in features.items()
        if all(len(found) == 1 for found in by_encoder.values())
    }
    described: dict[str, dict[str, None]] = defaultdict(dict)  # encoders by feature, in order
    rows = []
    for row in results:
        protocol, feature = _split(row.protocol)
        if feature and protocol in merged:
            described[feature][row.encoder] = None
            row = replace(row, protocol=protocol)
        rows.append(row)
    return rows, [f"By {feature}: {', '.join(encoders)}." for feature, encoders in described.items()]


def _split(name: str) -> tuple[str, str]:
    """Return a protocol and the feature that its name tells, if any."""
    found = _OF_FEATURE.fullmatch(name)
    return (found[1], found[2]) if found else (name, "")
