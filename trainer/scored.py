"""Which settings of a command decide a score: said at each setting, for the rows of results.

A setting decides every score, unless the metadata of its field says otherwise.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from patterngen.common.config import Dataclass

_KEY = "scored"


def scored_by(*protocols: str, choosing: bool = False) -> Mapping[str, Any]:
    """Return the metadata of a setting that decides the scores of these protocols alone.

    Args:
        protocols: first words of their names.
        choosing: it also decides which of several features is chosen, whatever the protocol.
    """
    return {_KEY: lambda protocol, encoder, chosen: protocol in protocols or (choosing and chosen)}


UNSCORED = scored_by()
"""The metadata of a setting that decides no score, or that a row names in a column of its own."""
OF_ENCODERS = {_KEY: lambda protocol, encoder, chosen: encoder}
"""The metadata of a setting that the floor, which has no encoder, does not depend on."""


def scored_settings(config: Dataclass, protocol: str, *, encoder: bool) -> dict[str, Any]:
    """Return the settings that decide a score, by name.

    Args:
        config: of the command; with ``choose``, it chooses one of several features.
        protocol: first word of its name.
        encoder: whether an encoder is scored, and not the floor.
    """
    chosen = getattr(config, "choose", False)
    return {
        field.name: getattr(config, field.name)
        for field in fields(config)
        if _KEY not in field.metadata or field.metadata[_KEY](protocol, encoder, chosen)
    }
