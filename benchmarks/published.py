"""The published algorithms in plain NumPy and Pillow, for comparison.

Written from the papers' descriptions, with the parameters of our families' defaults. Each function draws one
picture, uint8 [size, size, 3].
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Picture = NDArray[np.uint8]
Random = np.random.Generator


def dead_leaves(rng: Random, size: int, shapes: tuple[str, ...]) -> Picture:
    """New leaves over old ones until no pixel is uncovered, 5000 at most (Baradad et al., 2021)."""
    radii = np.linspace(0.03, 1, 200)
    law = radii**-3.0 - 1
    law /= law.sum()
    picture = Image.new("RGB", (size, size))
    pen = ImageDraw.Draw(picture)
    covered = Image.new("1", (size, size))
    cover = ImageDraw.Draw(covered)
    for leaf in range(5000):
        rho = max(int(rng.choice(radii, p=law) * size), 1)
        x, y = rng.uniform(0, size, 2)
        colour = tuple(rng.integers(0, 256, 3).tolist())
        shape = rng.choice(shapes)
        if shape == "circle":
            box = (x - rho, y - rho, x + rho, y + rho)
            pen.ellipse(box, colour)
            cover.ellipse(box, 1)
        else:
            outline = [(x + rho * math.cos(a), y + rho * math.sin(a)) for a in _angles(rng, shape)]
            pen.polygon(outline, colour)
            cover.polygon(outline, 1)
        if leaf % 50 == 49 and np.asarray(covered).all():
            break
    return np.asarray(picture)


def _angles(rng: Random, shape: str) -> list[float]:
    square = math.pi / 4 + math.pi / 2 * np.arange(4)
    match shape:
        case "square":
            angles = square
        case "oriented":
            angles = square + rng.uniform(0, 2 * math.pi)
        case "rectangle":
            a = rng.uniform(0, math.pi / 2)
            angles = np.array([a, math.pi - a, math.pi + a, -a])
        case _:
            angles = np.sort(rng.uniform(0, 2 * math.pi, 3 if shape == "triangle" else 4))
    return list(angles)


def fractal_color(rng: Random, size: int, points: int = 100_000) -> Picture:
    """One orbit of a random system in hues, on a diamond–square ground (Anderson & Farrell, 2022)."""
    system, chance = _system(rng)
    choices = rng.choice(len(system), points, p=chance)
    rows = system.tolist()
    x = y = 0.0
    orbit = np.empty((points, 2))
    for i, k in enumerate(choices.tolist()):
        a, b, c, d, e, f = rows[k]
        x, y = a * x + b * y + e, c * x + d * y + f
        orbit[i] = x, y
    low, high = orbit.min(0), orbit.max(0)
    cells = np.minimum((orbit - low) / (high - low) * size, size - 1).astype(int)
    counts = np.zeros((size, size))
    np.add.at(counts, (cells[:, 1], cells[:, 0]), 1)
    ground = _diamond_square(rng, size)
    picture = _hues(rng, (ground - ground.min()) / np.ptp(ground))
    hit = counts > 0
    picture[hit] = _hues(rng, counts / counts.max())[hit]
    return picture


def _system(rng: Random) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    maps = rng.integers(2, 5)
    p = rng.uniform(5 + maps, 6 + maps) / 2
    q = p - 3 * maps + 3
    singular = []
    for _ in range(maps - 1):
        first = rng.uniform(max(0, q / 3), min(1, p))
        q, p = q - first, p - first
        second = rng.uniform(max(0, q / 2), min(first, p / 2))
        q, p = q + 3 - 2 * second, p - 2 * second
        singular.append((first, second))
    second = rng.uniform(max(0, (p - 1) / 2), p / 3)
    singular.append((p - 2 * second, second))
    system = []
    for sigmas in singular:
        matrix = np.diag(sigmas)
        for _ in range(2):
            c, s = np.cos(angle := rng.uniform(-np.pi, np.pi)), np.sin(angle)
            matrix = np.array([[c, -s], [s, c]]) @ np.diag(rng.choice([-1, 1], 2)) @ matrix.T
        system.append([*matrix.T.ravel(), *rng.uniform(-1, 1, 2)])
    areas = np.array([a * b for a, b in singular])
    return np.array(system), areas / areas.sum()


def _diamond_square(rng: Random, size: int) -> NDArray[np.float64]:
    decay = rng.uniform(0.4, 0.8)
    grid = rng.uniform(-1, 1, (2, 2))
    amplitude = 1.0
    while len(grid) < size:
        finer = np.zeros((2 * len(grid) - 1,) * 2)
        finer[::2, ::2] = grid
        middle = (grid[1:, 1:] + grid[1:, :-1] + grid[:-1, 1:] + grid[:-1, :-1]) / 4
        finer[1::2, 1::2] = middle + amplitude * rng.uniform(-1, 1, middle.shape)
        padded = np.pad(finer, 1)
        total = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
        neighbours = np.pad(np.ones_like(finer), 1)
        neighbours = (
            neighbours[:-2, 1:-1] + neighbours[2:, 1:-1] + neighbours[1:-1, :-2] + neighbours[1:-1, 2:]
        )
        for sides in ((slice(0, None, 2), slice(1, None, 2)), (slice(1, None, 2), slice(0, None, 2))):
            mean = total[sides] / neighbours[sides]
            finer[sides] = mean + amplitude * rng.uniform(-1, 1, mean.shape)
        grid = finer
        amplitude *= decay
    return grid[:size, :size]


def _hues(rng: Random, field: NDArray[np.float64]) -> Picture:
    hue = np.uint8(255 * ((field + rng.uniform()) % 1))
    saturation = np.full_like(hue, int(255 * rng.uniform(0.3, 1)))
    value = np.full_like(hue, int(255 * rng.uniform(0.5, 1)))
    return np.array(Image.fromarray(np.dstack([hue, saturation, value]), "HSV").convert("RGB"))


def _gradient_noise(rng: Random, size: int, frequency: float) -> NDArray[np.float64]:
    turn = rng.uniform(0, 2 * np.pi, (int(frequency) + 3,) * 2)
    gradients = np.stack([np.cos(turn), np.sin(turn)])
    start = rng.uniform(0, 1, 2)
    x = (start[0] + np.arange(size) * frequency / size)[None, :].repeat(size, 0)
    y = (start[1] + np.arange(size) * frequency / size)[:, None].repeat(size, 1)
    i, j = x.astype(int), y.astype(int)
    x, y = x - i, y - j
    u, v = (t**3 * (t * (6 * t - 15) + 10) for t in (x, y))

    def plane(right: int, down: int) -> NDArray[np.float64]:
        g = gradients[:, j + down, i + right]
        value: NDArray[np.float64] = g[0] * (x - right) + g[1] * (y - down)
        return value

    above = plane(0, 0) + u * (plane(1, 0) - plane(0, 0))
    under = plane(0, 1) + u * (plane(1, 1) - plane(0, 1))
    return above + v * (under - above)


def _palette(rng: Random, field: NDArray[np.float64]) -> Picture:
    place = 2 * (field - field.min()) / np.ptp(field)
    stops = rng.integers(0, 256, (3, 3))
    k = np.minimum(place.astype(int), 1)
    t = (place - k)[..., None]
    return np.uint8(stops[k] + t * t * (3 - 2 * t) * (stops[k + 1] - stops[k]))


def perlin(rng: Random, size: int) -> Picture:
    """Gradient noise, 2 … 32 cells across (Perlin, 2002)."""
    return _palette(rng, _gradient_noise(rng, size, 2 * 16 ** rng.uniform()))


def fbm(rng: Random, size: int) -> Picture:
    """Up to eight octaves of gradient noise (Musgrave, 1994)."""
    frequency = 8 ** rng.uniform()
    gain = rng.uniform(0.3, 0.7)
    field = np.zeros((size, size))
    for octave in range(8):
        if 2 * frequency * 2**octave <= size or octave == 0:
            field += gain**octave * _gradient_noise(rng, size, frequency * 2**octave)
    return _palette(rng, field)


def stat_spectrum(rng: Random, size: int) -> Picture:
    """Ten rounds of forcing the spectrum, then a rotation of the colours (Baradad et al., 2021)."""
    s, d = rng.uniform(0.5, 3.5), rng.normal(0, 0.05)
    f = np.abs(np.fft.fftfreq(size))
    with np.errstate(divide="ignore"):
        wanted = 1 / (np.finfo(float).eps + f[None, :] ** (s + d) + f[:, None] ** (s - d))
    wanted[0, 0] = 0
    picture = rng.uniform(size=(3, size, size))
    for _ in range(10):
        mean, deviation = picture.mean((1, 2), keepdims=True), picture.std((1, 2), keepdims=True)
        phase = np.angle(np.fft.fft2(picture))
        picture = np.fft.ifft2(wanted * np.exp(1j * phase)).real
        picture = picture / picture.std((1, 2), keepdims=True) * deviation + mean
    colours = rng.uniform(size=(rng.integers(3, 23), 3))
    _, axes = np.linalg.eigh(np.cov(colours.T, aweights=rng.uniform(size=len(colours))))
    picture = np.einsum("ck,khw->hwc", axes, picture)
    return np.uint8(255 * (picture - picture.min()) / np.ptp(picture))


PUBLISHED = {
    "dead-leaves-squares": lambda rng, size: dead_leaves(rng, size, ("square",)),
    "dead-leaves-oriented": lambda rng, size: dead_leaves(rng, size, ("oriented",)),
    "dead-leaves-mixed": lambda rng, size: dead_leaves(
        rng, size, ("circle", "square", "oriented", "rectangle", "triangle", "quadrilateral")
    ),
    "fractal-color": fractal_color,
    "perlin": perlin,
    "fbm": fbm,
    "stat-spectrum": stat_spectrum,
}
"""Family names to functions of (random generator, size)."""
