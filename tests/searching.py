"""How many examples a search looks at: few in the suite, the same each time; with `MORE_EXAMPLES=100` set, a
hundred times as many, and others each time."""

import os

from hypothesis import HealthCheck, Phase, settings

MORE = int(os.environ.get("MORE_EXAMPLES", "1"))


def few(examples: int, **options) -> settings:
    """Return Hypothesis' settings for so many examples, times what `MORE_EXAMPLES` asks for."""
    # Shrinking takes minutes where an example takes a second; a search goes on with what is found as it is.
    phases = (Phase.explicit, Phase.generate) if MORE > 1 else tuple(Phase)
    return settings(
        max_examples=examples * MORE,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        phases=phases,
        print_blob=True,
        **options,
    )
