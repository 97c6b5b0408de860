"""What all tests share."""

import os

from hypothesis import settings

# The first call of a kernel compiles it, which no deadline should judge.
settings.register_profile("search", deadline=None)
# A suite that repeats: what fails for one fails for all. HYPOTHESIS_PROFILE=search looks for new examples.
settings.register_profile("repeat", settings.get_profile("search"), derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat"))
