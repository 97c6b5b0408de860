"""The published algorithms in plain NumPy and Pillow, for comparison.

Written from the papers' descriptions, with the parameters of our families' defaults. Each function draws one
picture, uint8 [size, size, 3].
"""

from published import contours, dead_leaves, fractals, mixing, noise, statistics, stylegan

MODULES = (dead_leaves, statistics, stylegan, fractals, contours, noise, mixing)
PUBLISHED = {name: function for module in MODULES for name, function in module.PUBLISHED.items()}
"""Family names to functions of (random generator, size)."""
