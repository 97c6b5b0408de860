"""A bank of 3×3 wavelets: edges, lines and spots, by direction and size.

Baradad et al. (2021) fill convolutions with such a bank but do not print it. Ours follows from three
profiles, of which a kernel shows the signs alone (quantised) or the values less their mean. Signs: the
angles are multiples of 22.5°, and no finer angle gives another pattern of signs, so 16 directed edges and 8
lines are all there are; a spot has one sign each for the centre, the sides and the corners, which makes 4
and their negatives.
"""

import numpy as np
from numpy.typing import NDArray

EDGES, LINES, SPOTS = 8, 8, 4
"""How many of each kind; every one comes with its negative, which turns an edge by 180°."""

SIZE = 2 * (EDGES + LINES + SPOTS)
"""Kernels in a bank."""

STEP = np.pi / 8
"""Angle between an edge or a line and the next, in radians."""

WIDTH = 0.62
"""Distance from a line's axis, in pixels, at which it changes its sign.

Between 0.55 and 0.7, lines at odd multiples of 22.5° cover the pixels next to the axis on both sides, and
only so do they differ from their neighbours.
"""

WAVELENGTHS = (8.0, 4.8, 2.0, 1.6)
"""Wavelengths in pixels of the radial waves that are the spots: they change sign beyond the corners, before
the corners, before the sides, and before each."""


def profiles() -> NDArray[np.float64]:
    """Return the wavelets before a bank quantises or centres them, [20, 3, 3].

    At distance d from its axis an edge is d·exp(−d²/2), the first derivative of a Gaussian, a line is
    (1 − d²/σ²)·exp(−d²/2σ²), its second, and at distance r from its centre a spot is cos(2πr/λ). Edge k
    rises in the direction 22.5°·k, line k runs along it, counted from x to the right towards y down.
    """
    y, x = np.mgrid[-1:2, -1:2].astype(float)
    kernels = []
    for k in range(EDGES):
        d = x * np.cos(k * STEP) + y * np.sin(k * STEP)
        kernels.append(d * np.exp(-(d**2) / 2))
    for k in range(LINES):
        d = (x * np.sin(k * STEP) - y * np.cos(k * STEP)) / WIDTH
        kernels.append((1 - d**2) * np.exp(-(d**2) / 2))
    r = np.hypot(x, y)
    kernels += [np.cos(2 * np.pi / wavelength * r) for wavelength in WAVELENGTHS]
    return np.array(kernels)


def bank(*, quantised: bool) -> NDArray[np.float32]:
    """Return the wavelets and then their negatives, [40, 3, 3].

    Args:
        quantised: keep the signs alone, −1, 0 and 1; else each has mean 0 and energy 1.
    """
    kernels = profiles()
    if quantised:
        # What lies on the axis of an edge is 0 but for rounding.
        kernels = np.sign(np.round(kernels, 9))
    else:
        kernels -= kernels.mean((1, 2), keepdims=True)
        kernels /= np.sqrt((kernels**2).sum((1, 2), keepdims=True))
    return np.concatenate([kernels, -kernels]).astype(np.float32)
