"""``patterngen doctor``: what this machine draws with, and what to install where something is missing."""

import platform
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from patterngen._version import __version__
from patterngen.common.installed import installed_version
from patterngen.errors import PatternGenError
from patterngen.escape import visible
from patterngen.shaders.render.devices import Device, check_device
from patterngen.storage.ahead import usable_cores
from patterngen.terminal import print_report

PACKAGES = {
    "numpy": "",
    "numba": "",
    "simplejpeg": "",
    "moderngl": "draws shaders: pip install 'patterngen[gl]'",
    "glcontext": "draws shaders: pip install 'patterngen[gl]'",
    "torch": "draws with networks, and trains: pip install 'patterngen[train]'",
}
"""What pictures are drawn with, and what is lost without it; nothing where patterngen needs it anyway."""


@dataclass(frozen=True, kw_only=True)
class DoctorConfig:
    """What `doctor` looks at."""

    device: str = "auto"
    """What shader programs should draw on: auto, cpu, gpu, or gpu:1 for the second GPU."""
    warm: bool = False
    """Compile now what else is compiled when it is first needed: for a container's image, or a node."""
    json: bool = False
    """Print JSON."""

    def __post_init__(self) -> None:
        check_device(self.device)


@dataclass(frozen=True)
class OpenGL:
    """What shader programs are drawn with."""

    renderer: str
    vendor: str
    opengl: str
    glsl: str
    hardware: bool
    """Whether it is a GPU."""
    largest: int
    """Pixels across the largest picture."""
    seconds: float
    """Seconds from nothing to an open context."""


@dataclass(frozen=True)
class Kernels:
    """Where the machine code of the families comes from that the CPU draws."""

    shipped: int
    """Kernels that came compiled with the package and that this processor can run."""
    level: str
    """The processor level that those are for; empty if there are none."""
    folder: str
    """Where kernels that are compiled here are kept; empty if nothing can be written."""
    compiled: int
    """Families whose kernels were compiled now, because that was asked for."""

    def __str__(self) -> str:
        parts = [f"{self.shipped} compiled ahead for {self.level}"] if self.shipped else []
        if self.compiled:
            parts.append(f"those of {self.compiled} families compiled now")
        when = f"when first needed, and kept in {visible(self.folder)}"
        if not self.folder:
            when = "anew by every process, as nothing can be written: NUMBA_CACHE_DIR names a folder"
        return "; ".join([*parts, f"{'others are ' if parts else ''}compiled {when}"])


@dataclass(frozen=True)
class Findings:
    """What was found out."""

    patterngen: str
    python: str
    system: str
    cpus: int
    """Processors that this process may use."""
    packages: dict[str, str | None]
    """Versions; None for what is not installed."""
    kernels: Kernels
    devices: tuple[Device, ...]
    """Devices that EGL lists, whether or not they can be opened."""
    opengl: OpenGL | None
    problem: str
    """Why shaders cannot be drawn, and what to do; empty if they can."""

    @property
    def healthy(self) -> bool:
        """Whether every family that needs no network can be drawn."""
        return not self.problem

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return {**asdict(self), "healthy": self.healthy}

    def __str__(self) -> str:
        return "\n".join(f"{name:<12}{text}" for name, text in self._lines())

    def _lines(self) -> Iterable[tuple[str, str]]:
        yield "patterngen", f"{self.patterngen}, Python {self.python}, {self.system}"
        yield "processors", str(self.cpus)
        for name, found in self.packages.items():
            yield name, found or f"not installed; {PACKAGES[name]}"
        yield "kernels", str(self.kernels)
        for device in self.devices:
            kind = "software" if device.software else "GPU"
            yield f"device {device.index}", f"{kind} {device.file}".strip()
        if self.opengl is not None:
            kind = "hardware" if self.opengl.hardware else "software: the CPU draws"
            yield "renderer", f"{self.opengl.renderer} ({kind})"
            yield "OpenGL", f"{self.opengl.opengl}, GLSL {self.opengl.glsl}"
            yield "", f"pictures of up to {self.opengl.largest}²; opened in {self.opengl.seconds:.2f} s"
        yield "shaders", self.problem or "can be drawn"


def run(config: DoctorConfig) -> int:
    """Tell what this machine draws with, and what to install; exits 1 if shaders cannot be drawn."""
    found = doctor(config)
    print_report(found, json=config.json)
    return 0 if found.healthy else 1


def doctor(config: DoctorConfig) -> Findings:
    """Look at the machine. Whatever is missing is found, not raised."""
    devices, opengl, problem = _look_at_opengl(config.device)
    return Findings(
        patterngen=__version__,
        python=platform.python_version(),
        system=platform.platform(terse=True),
        cpus=usable_cores(),
        packages={name: installed_version(name) for name in PACKAGES},
        kernels=_look_at_kernels(config.warm),
        devices=devices,
        opengl=opengl,
        problem=problem,
    )


def _look_at_kernels(warm: bool) -> Kernels:
    from patterngen.jobs import kernel_build
    from patterngen.kernels import cache as kernel_cache

    compiled = kernel_build.prepare(kernel_build.kernel_families()) if warm else 0
    if warm:
        kernel_build.call_those_of_sound()
    shipped, folder = kernel_cache.shipped_folder(), kernel_cache.writable_folder()
    return Kernels(
        shipped=len(list(shipped.glob("*.kernel"))) if shipped else 0,
        level=shipped.name if shipped else "",
        folder=str(folder or ""),
        compiled=compiled,
    )


def _look_at_opengl(device: str) -> tuple[tuple[Device, ...], OpenGL | None, str]:
    from patterngen.shaders.render.process import GLProcess, list_devices

    devices: tuple[Device, ...] = ()
    try:
        devices = tuple(list_devices())
        start = time.monotonic()
        process = GLProcess(device)
        seconds = time.monotonic() - start
    except PatternGenError as error:
        return devices, None, str(error)
    process.close()
    info = process.info
    opengl = OpenGL(
        renderer=info["renderer"],
        vendor=info["vendor"],
        opengl=info["opengl"],
        glsl=info["glsl"],
        hardware=not info["software"],
        largest=info["limit"] - 1,
        seconds=round(seconds, 3),
    )
    return devices, opengl, ""
