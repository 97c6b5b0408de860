"""The documentation as a site, built from ``docs/`` and from the programs: ``python -m scripts.site``."""
