"""What of an encoder describes a clip: its layers, how their patches are pooled, and how people write that.

Letters: R rows of the patch grid, D the encoder's width, M mel bands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from trainer.errors import TrainerError

Layer = int | Literal["norm", "logmel"]
Pooling = Literal["concat", "mean", "concat+std", "concat+max"]
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)
NORM: Final = "norm"
LOGMEL: Final = "logmel"
EACH: Final = ("each", "all")
"""How people write that every layer, or every pooling, is a feature of its own."""
_BEHIND = {NORM: 1 << 30, LOGMEL: 1 << 31}  # where layers without a number stand among those with one


@dataclass(frozen=True)
class Feature:
    """One vector a clip: what some layers give, one after the other, each pooled alike.

    Attributes:
        layers: outputs of blocks, counted from 1, and of the final ``norm``; ``logmel`` are mean and
            deviation over time of each mel band, whatever the pooling (2·M numbers). They are held in the
            order of the encoder, ``logmel`` last.
        pooling: ``concat`` puts the patches of one time step one after the other, low frequencies first, and
            averages over time (M2D's; R·D numbers a layer); ``mean`` averages over all patches (D);
            ``concat+std`` and ``concat+max`` add the deviation or the maximum over time (2·R·D).

    Raises:
        TrainerError: no layer, one that no encoder has or that is there twice, or no such pooling.

    Examples:
        >>> from trainer import Feature
        >>> Feature().description, Feature((9, "norm", 3)).description
        ('norm, concat+std', 'layers 3+9+norm, concat+std')
        >>> Feature((6,), "mean").sizes(rows=5, width=192, bands=80)
        [192]
    """

    layers: tuple[Layer, ...] = (NORM,)
    pooling: Pooling = "concat+std"

    def __post_init__(self) -> None:
        if self.pooling not in POOLINGS:
            raise TrainerError(f"pooling = {self.pooling!r} is none of {', '.join(POOLINGS)}")
        for layer in self.layers:
            if layer not in (NORM, LOGMEL) and not (type(layer) is int and 1 <= layer < _BEHIND[NORM]):
                raise TrainerError(f"layers: {layer!r} is none of the numbers from 1 on, norm and logmel")
        if not self.layers or len(set(self.layers)) < len(self.layers):
            raise TrainerError(f"layers = {self.layers}: give at least one, and each once")
        ordered = sorted(self.layers, key=lambda layer: layer if isinstance(layer, int) else _BEHIND[layer])
        object.__setattr__(self, "layers", tuple(ordered))
        if self.layers == (LOGMEL,):  # which is pooled in one way: what is equal has one name
            object.__setattr__(self, "pooling", "concat+std")

    def __str__(self) -> str:
        """Say what is not the default; nothing if all is."""
        layers = "" if self.layers == (NORM,) else self._layers
        return ", ".join(filter(None, (layers, "" if self.pooling == "concat+std" else self.pooling)))

    @property
    def description(self) -> str:
        """Description in words, defaults and all."""
        return self._layers if self.layers == (LOGMEL,) else f"{self._layers}, {self.pooling}"

    @property
    def _layers(self) -> str:
        words = "+".join(map(str, self.layers))
        return f"layers {words}" if len(self.layers) > 1 else f"layer {words}" if words.isdigit() else words

    @property
    def parts(self) -> tuple["Feature", ...]:
        """The features of each layer by itself, which this one is when they are put one after the other."""
        return tuple(Feature((layer,), self.pooling) for layer in self.layers)

    def check(self, blocks: int, name: str) -> None:
        """Refuse layers that an encoder of so many blocks has not.

        Raises:
            TrainerError: with the name of the encoder.
        """
        beyond = [layer for layer in self.layers if isinstance(layer, int) and layer > blocks]
        if beyond:
            raise TrainerError(f"{name}: has no layer {beyond[0]}; give 1 … {blocks}, norm or logmel")

    def sizes(self, rows: int, width: int, bands: int) -> list[int]:
        """Return how many numbers of a clip's vector are of each layer.

        Args:
            rows: R, of the patch grid.
            width: D, of the encoder.
            bands: M, of the log-mel.
        """
        pooled = {"concat": rows, "mean": 1}.get(self.pooling, 2 * rows) * width
        return [2 * bands if layer == LOGMEL else pooled for layer in self.layers]

    def step_sizes(self, rows: int, width: int, bands: int) -> list[int]:
        """Return how many numbers of a time step, where nothing is pooled, are of each layer."""
        return [bands if layer == LOGMEL else rows * width for layer in self.layers]


TIME_AVERAGE = Feature((NORM,), "concat")
"""M2D's feature, which folders give that were exported before they named theirs."""


def parse_features(
    layers: str, pooling: str, blocks: int | None = None, *, alternatives: bool = False
) -> list[Feature]:
    """Read features as people write them.

    ``3,9,norm`` (or ``3+9+norm``) are layers that make up one vector together, ``each`` is a vector for each
    block and for the final norm, ``each`` for poolings one for each of them (``all`` says the same). Among
    alternatives a comma stands between them, and ``+`` alone joins layers: ``6,norm,6+norm`` are three.

    Args:
        layers: of numbers from 1 on, ``norm`` and ``logmel``.
        pooling: of `POOLINGS`.
        blocks: of the encoder; None while none is known, and ``each`` is then read as ``norm``.
        alternatives: commas are between features, and not within one.

    Returns:
        Features in the order of `layers`, poolings in that of `POOLINGS`, none of them twice.

    Raises:
        TrainerError: what is no layer or pooling, what this encoder has not, the same twice, or several
            poolings that are no alternatives.
    """
    poolings = _poolings(pooling, alternatives=alternatives)
    groups: list[tuple[Layer, ...]]
    words = _words(layers, ",")
    if len(words) == 1 and words[0] in EACH:
        groups = [*((number,) for number in range(1, (blocks or 0) + 1)), (NORM,)]
    elif alternatives:
        groups = [_group(layers, _words(word, "+"), blocks) for word in words]
        _once(f"layers = {layers}", ["+".join(sorted(map(str, group))) for group in groups])
    else:
        groups = [_group(layers, [part for word in words for part in _words(word, "+")], blocks)]
    # What the log-mel alone gives is the same by every pooling.
    return list(dict.fromkeys(Feature(group, pooling) for group in groups for pooling in poolings))


def _words(text: str, between: str) -> list[str]:
    """Split a list of words at commas or pluses, with spaces or none around them."""
    return [word.strip() for word in text.split(between)]


def _group(text: str, words: Sequence[str], blocks: int | None) -> tuple[Layer, ...]:
    """Read the layers of one feature; `text` is what was typed."""
    known = "the numbers from 1 on" if blocks is None else f"1 … {blocks}"
    found: list[Layer] = []
    for word in words:
        number = int(word) if word.isascii() and word.isdigit() and len(word) < len(str(_BEHIND[NORM])) else 0
        if word == NORM:
            found.append(NORM)
        elif word == LOGMEL:
            found.append(LOGMEL)
        elif number >= 1 and (blocks is None or number <= blocks):
            found.append(number)
        elif word in EACH:
            raise TrainerError(f"layers = {text}: {word!r} stands alone")
        else:
            raise TrainerError(f"layers = {text}: {word!r} is none of {known}, norm and logmel")
    _once(f"layers = {text}", [str(layer) for layer in found])
    return tuple(found)


def _poolings(text: str, *, alternatives: bool) -> list[Pooling]:
    words = _words(text, ",")
    if len(words) == 1 and words[0] in EACH:
        return list(POOLINGS)
    for word in words:
        if word not in POOLINGS:
            raise TrainerError(f"pooling = {text}: {word!r} is none of {', '.join(POOLINGS)}")
    _once(f"pooling = {text}", words)
    if len(words) > 1 and not alternatives:
        raise TrainerError(f"pooling = {text}: give one, or each for a vector of each")
    return [pooling for pooling in POOLINGS if pooling in words]


def _once(what: str, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise TrainerError(f"{what}: {name} is there twice")
