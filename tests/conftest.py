"""What all tests share."""

from hypothesis import settings

# The first call of a kernel compiles it, which no deadline should judge.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
