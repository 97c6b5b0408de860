"""The text of shader programs: where it is, its dialects, and what a driver is given of it."""
