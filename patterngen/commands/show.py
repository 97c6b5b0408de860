"""``patterngen show``: the one picture that a manifest row names."""

from dataclasses import asdict, dataclass
from decimal import Decimal

import tyro

from patterngen.commands.preview import check_drawing
from patterngen.dataset.format_version import EXACT, exact
from patterngen.encode import Encoding, encode
from patterngen.errors import PatternGenError
from patterngen.escape import visible
from patterngen.families import family
from patterngen.home import expanded
from patterngen.metrics import total_variation
from patterngen.shaders.language.folder import shader_folder_setting
from patterngen.shaders.render.options import Options, drawing
from patterngen.shaders.render.quarantine import Quarantine
from patterngen.storage.files import output_file, write_atomic
from patterngen.terminal import print_notice, print_report


@dataclass(frozen=True, kw_only=True)
class ShowConfig:
    """Which picture to draw."""

    family: tyro.conf.Positional[str]
    """The family as a manifest names it: NAME or NAME?setting=value&setting=value."""
    seed: int
    """The picture's seed, as its manifest row gives it. From 2^53 on, as in folders of format 1, take it from
    the parquet: jq and JavaScript round such numbers, and another seed draws another picture."""
    size: int | str = 256
    """Height and width in pixels, as its manifest row gives them: 80x208, or 256 for a square."""
    out: str
    """The picture, a PNG file: exactly the pixels that were measured and then encoded."""
    set: tuple[str, ...] = ()
    """FAMILY.setting=value, for a family of that name that does not say otherwise."""
    shader_dir: str | None = None
    """Draw `shaders` with the programs of this folder: Shadertoy, TwiGL or our own dialect."""
    device: str = "auto"
    """What shader programs draw on: auto, cpu, gpu, or gpu:1 for the second GPU."""
    shader_budget: float | None = None
    """Seconds that a picture of a shader program may take: 3 unless given, and more beyond 512² pixels."""
    quarantine: str | None = None
    """The quarantine.jsonl of the picture's dataset, if it has one: the programs that were left out there."""
    json: bool = False
    """Print JSON instead of text."""

    def __post_init__(self) -> None:
        _ = self.drawing, self.excluded  # which check themselves
        check_drawing(self.out, self.size, self.seed)

    @property
    def settings(self) -> tuple[str, ...]:
        """Settings for all families of a name."""
        return (*self.set, *shader_folder_setting(self.shader_dir))

    @property
    def warning(self) -> str | None:
        """A line for the user whose seed looks as if a reader of float64 had changed it."""
        if self.seed < EXACT:
            return None
        near = float(self.seed)
        # What jq of 2023 and later, JavaScript, and older jq write for it.
        if self.seed not in {int(near), int(Decimal(repr(near))), int(Decimal(f"{near:.17g}"))}:
            return None
        return (
            f"seed {self.seed} looks rounded, as jq and JavaScript round integers from 2^53 on, and would "
            "then draw another picture: compare it with the manifest's parquet"
        )

    @property
    def drawing(self) -> Options:
        """How OpenGL draws."""
        return Options(self.device, self.shader_budget)

    @property
    def excluded(self) -> tuple[str, ...]:
        """The programs that the picture's dataset was drawn without."""
        if self.quarantine is None:
            return ()
        listed = expanded(self.quarantine)
        if not listed.is_file():
            raise PatternGenError(f"quarantine {self.quarantine!r}: no such file")
        return Quarantine(listed).excluded


@dataclass(frozen=True)
class Shown:
    """The picture that was drawn."""

    out: str
    family: str
    seed: int
    height: int
    width: int
    tv: float
    """Total Variation of its pixels."""

    def to_json(self) -> dict[str, object]:
        """Return the fields by name."""
        return asdict(self) | {"seed": exact(self.seed)}

    def __str__(self) -> str:
        text = f"{self.out}: {self.family} seed {self.seed}, {self.height} × {self.width}, tv {self.tv:.6f}"
        return visible(text)


def run(config: ShowConfig) -> None:
    """Draw the one picture that a manifest row names."""
    if config.warning:
        print_notice(f"warning: {config.warning}")
    print_report(show(config), json=config.json)


def show(config: ShowConfig) -> Shown:
    """Draw one picture into a PNG file.

    Raises:
        PatternGenError: an unknown family or setting, a size that it cannot draw, or a shader program that
            fails.
    """
    with drawing(config.drawing):
        drawer = family(config.family, config.settings).without(config.excluded)
        pictures = drawer.draw([config.seed], config.size)
    for program in pictures.failed:
        raise PatternGenError(program.reason)
    pixels = pictures.pixels
    write_atomic(output_file(config.out, ".png"), encode(pixels[0], Encoding(format="png")))
    tv = float(total_variation(pixels).tv[0])
    height, width = pixels.shape[1:3]
    return Shown(config.out, config.family, config.seed, height, width, tv)
