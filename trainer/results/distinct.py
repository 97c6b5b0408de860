"""Names that tell results apart: of encoders by their settings, of protocols by what decides a score."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from patterngen.storage.texts import parse_json
from trainer.results.rows import OF_ENCODER, Result


def with_distinct_names(results: Sequence[Result]) -> list[Result]:
    """Give results names that say in what they differ from those of equal name.

    Protocols of one name and different digests become several, as ``linear (valid_share=0.2)``: their scores
    are of different yardsticks, stand in columns of their own and share no average. Results of equal task,
    protocol and encoder differ in what is the encoder's: its settings, as in ``smooth (stride=8×8)``, or the
    beginning of the hash of the weights or the clips.
    """
    protocols = _variants(results)
    results = [
        replace(row, protocol=protocols.get((row.protocol, row.protocol_sha256), row.protocol))
        for row in results
    ]
    groups: dict[tuple[str, str, str], list[Result]] = defaultdict(list)
    for row in results:
        groups[row.task, row.protocol, row.encoder].append(row)
    return [
        replace(row, encoder=f"{row.encoder} ({difference})") if difference else row
        for row in results
        for difference in [_difference(row, groups[row.task, row.protocol, row.encoder])]
    ]


def protocols_apart(results: Sequence[Result]) -> list[str]:
    """Say which protocols of one name are several, if any."""
    named = sorted(set(_variants(results).values()))
    if not named:
        return []
    return [f"Made otherwise, shown apart and not averaged with each other: {'; '.join(named)}."]


def _variants(results: Iterable[Result]) -> dict[tuple[str, str], str]:
    """Name protocols that share their name with one of another digest, by name and digest."""
    found: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in results:
        own = {name: value for name, value in parse_json(row.settings).items() if name not in OF_ENCODER}
        # The floor has fewer settings than an encoder; of several rows the fullest tells most.
        known = found[row.protocol].get(row.protocol_sha256, {})
        found[row.protocol][row.protocol_sha256] = known | own
    return {
        (protocol, sha256): f"{protocol} ({_of_protocol(sha256, settings, list(variants.values()))})"
        for protocol, variants in found.items()
        if len(variants) > 1
        for sha256, settings in variants.items()
    }


def _of_protocol(sha256: str, settings: Mapping[str, Any], all_settings: Sequence[Mapping[str, Any]]) -> str:
    """Return the settings in which a protocol differs from others, or else what its digest is."""
    parts = _differing(settings, all_settings)
    alike = sum(settings == other for other in all_settings)
    if not parts or alike > 1:
        parts.append(f"protocol {sha256[:8]}" if sha256 else "of an earlier version")
    return ", ".join(parts)


def _differing(mine: Mapping[str, Any], settings: Sequence[Mapping[str, Any]]) -> list[str]:
    names = sorted({name for each in settings for name in each})
    return [
        f"{name}={_shown(mine.get(name))}"
        for name in names
        if len({json.dumps(each.get(name)) for each in settings}) > 1
    ]


def _difference(row: Result, others: Sequence[Result]) -> str:
    settings = [parse_json(other.settings) for other in others]
    mine = parse_json(row.settings)
    parts = _differing(mine, settings)
    alike = [other for other, each in zip(others, settings, strict=True) if each == mine]
    if len({other.encoder_sha256 for other in alike}) > 1:
        parts.append(f"weights {row.encoder_sha256[:8] or 'none'}")
    if len({other.data_sha256 for other in others}) > 1:
        parts.append(f"clips {row.data_sha256[:8]}")
    return ", ".join(parts)


def _shown(value: object) -> str:
    return "×".join(map(str, value)) if isinstance(value, list) else str(value)
