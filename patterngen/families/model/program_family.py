"""Families that draw with shader programs, of which some may be excluded."""

from collections.abc import Iterable
from copy import copy
from typing import Self

from patterngen.families.model.contract import Family


class ProgramFamily(Family):
    """A family that chooses one of its programs for each picture."""

    excluded: tuple[str, ...] = ()
    """Programs that it does not draw with, ``NAME@SHA256`` each; no setting, but given by `without`."""

    def without(self, excluded: Iterable[str]) -> Self:
        """Return the same family, excluding these programs, ``NAME@SHA256`` each, and no others."""
        listed = tuple(excluded)
        if listed == self.excluded:
            return self
        other = copy(self)
        object.__setattr__(other, "excluded", listed)
        return other
