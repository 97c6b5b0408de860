"""Mixtures and smoothing to a Total Variation as one would write them in a few lines of NumPy."""

import numpy as np

from published import dead_leaves, noise

Picture = np.ndarray
Random = np.random.Generator


def mixup(rng: Random, size: int) -> Picture:
    """Six pictures with weights from Dirichlet(1) (Baradad et al., 2022), of the quickest families here."""
    parts = [noise.PUBLISHED[name](rng, size) for name in ("perlin", "fbm") * 3]
    return np.uint8(np.tensordot(rng.dirichlet(np.ones(6)), np.stack(parts).astype(float), 1) + 0.5)


def smooth(rng: Random, size: int) -> Picture:
    """Bring dead leaves to a Total Variation by halving the interval of the width of a Gaussian."""
    picture = dead_leaves.PUBLISHED["dead-leaves-mixed"](rng, size).astype(float)
    asked = rng.uniform(0.01, 0.05)
    mean, deviation = picture.mean((0, 1)), picture.std((0, 1))
    mirrored = np.pad(picture, ((0, size), (0, size), (0, 0)), "symmetric")
    spectrum = np.fft.rfft2(mirrored, axes=(0, 1))
    f = np.hypot(np.fft.fftfreq(2 * size)[:, None], np.fft.rfftfreq(2 * size)[None, :])[..., None]
    low, high = np.log(0.02), np.log(size)
    while high - low > 0.005:
        sigma = np.exp((low + high) / 2)
        passed = spectrum * np.exp(-2 * (np.pi * sigma * f) ** 2)
        blurred = np.fft.irfft2(passed, (2 * size, 2 * size), axes=(0, 1))[:size, :size]
        blurred = (blurred - mean) / blurred.std((0, 1)) * deviation + mean
        result = np.uint8(np.clip(blurred, 0, 255) + 0.5)
        luma = result @ np.array([0.299, 0.587, 0.114]) / 255
        tv = np.abs(np.diff(luma, axis=0)).mean() + np.abs(np.diff(luma, axis=1)).mean()
        low, high = (np.log(sigma), high) if tv > asked else (low, np.log(sigma))
    return result


PUBLISHED = {"mixup": mixup, "smooth": smooth}
"""Family names to functions of (random generator, size)."""
