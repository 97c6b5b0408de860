"""Statistical image models with NumPy's transforms (Baradad et al., 2021)."""

from collections.abc import Callable
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Random = np.random.Generator
Field = NDArray[np.float64]
Step = Callable[[Field], Field]


def statistics(rng: Random, size: int, steps: str) -> Picture:
    """Ten rounds of forcing spectrum, bands and colours on noise, then the inverse colour rotation."""
    axes, mean, palette = _colours(rng, size)
    forced: list[tuple[Step, ...]] = []
    amplitude = _amplitude(rng, size)
    for channel in range(3):
        spectrum: Step = partial(_force_spectrum, amplitude=amplitude)
        bands: Step = partial(_force_bands, laws=_band_laws(rng, size))
        colour: Step = partial(_match, law=np.histogram(palette[:, channel], 256))
        chosen = {"spectrum": spectrum, "wmm": bands, "color": colour}
        forced.append(
            tuple(chosen[name] for name in ("spectrum", "wmm", "color") if name in steps.split("-"))
        )
    picture = 256 * rng.uniform(size=(3, size, size))
    for _ in range(10):
        for channel, chain in enumerate(forced):
            for step in chain:
                picture[channel] = step(picture[channel])
    picture = np.einsum("ck,khw->hwc", axes, picture) + mean
    stretched: Picture = (255 * (picture - picture.min()) / np.ptp(picture)).astype(np.uint8)
    return stretched


def _amplitude(rng: Random, size: int) -> Field:
    s, d = rng.uniform(0.5, 3.5), rng.normal(0, 0.05)
    f = np.abs(np.fft.fftfreq(size))
    with np.errstate(divide="ignore"):
        amplitude: Field = 1 / (np.finfo(float).eps + f[None, :] ** (s + d) + f[:, None] ** (s - d))
    amplitude[0, 0] = 0
    return amplitude


def _force_spectrum(picture: Field, amplitude: Field) -> Field:
    phase = np.angle(np.fft.fft2(picture))
    forced = np.fft.ifft2(amplitude * np.exp(1j * phase)).real
    result: Field = forced / forced.std() * picture.std() + picture.mean()
    return result


def _match(values: Field, law: tuple[Field, Field]) -> Field:
    """Histogram matching by way of both distribution functions, with straight lines between bins."""
    weights, edges = law
    below = np.concatenate([[0], np.cumsum(weights) / np.sum(weights)])
    counts, bins = np.histogram(values, 801)
    rank = np.interp(values, bins, np.concatenate([[0], np.cumsum(counts) / values.size]))
    matched: Field = np.interp(rank, below, edges)
    return matched


def _band_laws(rng: Random, size: int) -> list[tuple[Field, Field]]:
    edges = np.arange(-200, 200.5, 0.5)
    middle = (edges[1:] + edges[:-1]) / 2
    scales = int(np.log2(size)) - 4
    sigmas = [4.0] + [4.0**2**scale for scale in range(scales) for _ in range(4)]
    return [(np.exp(-(np.abs(middle / sigma) ** rng.uniform(0.4, 0.8))), edges) for sigma in sigmas]


@cache
def _filters(size: int) -> tuple[list[list[NDArray[np.complex128]]], Field]:
    """Responses of the steerable pyramid's bands, scale by scale, and of its low-pass residual, squared."""
    f = np.fft.fftfreq(size) * 2
    radius = np.hypot(f[:, None], f[None, :])
    angle = np.arctan2(f[:, None], f[None, :])

    def low(r: Field) -> Field:
        with np.errstate(divide="ignore"):
            response: Field = np.cos(np.pi / 2 * np.clip(np.log2(r) + 1, 0, 1))
            return response

    scales = int(np.log2(size)) - 4
    levels = [[np.sqrt(1 - low(radius) ** 2) + 0j]]
    for scale in range(scales):
        r = radius * 2**scale
        radial = low(r) * np.sqrt(1 - low(2 * r) ** 2) * np.sqrt(0.8)
        levels.append([1j * radial * np.cos(angle - k * np.pi / 4) ** 3 for k in range(4)])
    return levels, low(radius * 2**scales) ** 2


def _force_bands(picture: Field, laws: list[tuple[Field, Field]]) -> Field:
    size = len(picture)
    spectrum = np.fft.fft2(picture)
    levels, low = _filters(size)
    total = spectrum * low
    left = iter(laws)
    for level, responses in enumerate(levels):
        ratio = 2 ** max(level - 1, 0)
        small = size // ratio
        kept = np.r_[: small // 2, size - small // 2 : size]
        for response in responses:
            band = np.fft.ifft2((spectrum * response)[np.ix_(kept, kept)]).real / ratio
            band = np.fft.fft2(_match(band, next(left))) * ratio
            total[np.ix_(kept, kept)] += band * response.conj()[np.ix_(kept, kept)]
    return np.fft.ifft2(total).real


def _colours(rng: Random, size: int) -> tuple[Field, Field, Field]:
    """Principal axes and mean of a picture of blurred stripes, and its pixels along the axes."""
    count, blur = int(rng.integers(3, 23)), int(rng.integers(1, 11))
    share = rng.uniform(size=count) + 0.001
    stripes = np.sort(rng.choice(count, size * size, p=share / share.sum()))
    picture = rng.uniform(0, 256, (count, 3))[stripes].reshape(size, size, 3)
    for axis in range(2):
        padded = np.cumsum(np.pad(picture, [(blur, 0) if k == axis else (0, 0) for k in range(3)]), axis)
        before, after = (np.take(padded, range(start, start + size), axis) for start in (0, blur))
        picture = (after - before) / blur
    picture = picture + rng.uniform(0, 10, picture.shape)
    picture = 256 * (picture - picture.min()) / np.ptp(picture)
    pixels = picture.reshape(-1, 3)
    mean = pixels.mean(0)
    axes = np.linalg.eigh(np.cov((pixels - mean).T))[1][:, ::-1]
    return axes, mean, (pixels - mean) @ axes


PUBLISHED = {
    "stat-spectrum": partial(statistics, steps="spectrum"),
    "stat-wmm": partial(statistics, steps="wmm"),
    "stat-spectrum-color": partial(statistics, steps="spectrum-color"),
    "stat-spectrum-color-wmm": partial(statistics, steps="spectrum-color-wmm"),
}
"""Family names to functions of (random generator, size)."""
