"""The devices that OpenGL can draw on here, in EGL's order, and which of them a process takes."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

from patterngen.errors import MissingDependencyError, PatternGenError

EGL_LIBRARY = "libEGL.so.1"
"""The library by its versioned name: the bare one exists only where development packages do."""

REMEDY = (
    "install a GPU driver with EGL, or Mesa for drawing on the CPU: "
    "`apt-get install libegl1 libgl1-mesa-dri` on Debian and Ubuntu. "
    "Families other than shaders draw without OpenGL."
)

_MOST = 64
_EXTENSIONS, _DRM_FILE = 0x3055, 0x3233  # the numbers of EGL_EXTENSIONS and EGL_DRM_DEVICE_FILE_EXT


@dataclass(frozen=True)
class Device:
    """A device as EGL lists it, whether or not it can be opened."""

    index: int
    software: bool
    """Whether it is the CPU."""
    file: str
    """The device file, such as ``/dev/dri/card0``; empty if it has none."""


def check_device(text: str) -> None:
    """Raise PatternGenError unless a text names devices: auto, cpu, gpu, or one GPU as in gpu:1."""
    kind, colon, number = text.partition(":")
    if kind not in ("auto", "cpu", "gpu") or (colon and not (kind == "gpu" and number.isdecimal())):
        raise PatternGenError(f"device {text!r}: give auto, cpu, gpu, or gpu:1 for the second GPU")


def list_devices() -> list[Device]:
    """Ask EGL for its devices.

    Raises:
        MissingDependencyError: there is no EGL, or one that can list none.
    """
    try:
        egl = ctypes.CDLL(EGL_LIBRARY)
    except OSError:
        raise no_opengl(f"{EGL_LIBRARY} not loaded") from None
    egl.eglGetProcAddress.restype = ctypes.c_void_p
    query, describe = (egl.eglGetProcAddress(b"eglQueryDevice" + end) for end in (b"sEXT", b"StringEXT"))
    devices, count = (ctypes.c_void_p * _MOST)(), ctypes.c_int(0)
    if query:
        ask = ctypes.CFUNCTYPE(ctypes.c_uint, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(query)
        ask(_MOST, devices, ctypes.addressof(count))
    if not count.value:
        raise no_opengl("EGL has no device")
    text = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)(describe)

    def say(device: int | None, name: int) -> str:
        return (text(device, name) or b"").decode(errors="replace")

    return [
        Device(i, "EGL_MESA_device_software" in say(device, _EXTENSIONS).split(), say(device, _DRM_FILE))
        for i, device in enumerate(devices[: count.value])
    ]


def choose(wanted: str, devices: Sequence[Device], worker: int) -> list[Device]:
    """Return the devices to try, the best first.

    Args:
        wanted: what `check_device` accepts.
        devices: all there are.
        worker: the number of this process among those that draw: they take the GPUs in turn.

    Raises:
        PatternGenError: there is none of the kind that is wanted.
    """
    kind, colon, number = wanted.partition(":")
    gpus = [device for device in devices if not device.software]
    cpus = [device for device in devices if device.software]
    if colon:
        if int(number) >= len(gpus):
            raise PatternGenError(
                f"device {wanted}: there are {len(gpus)} GPUs here; see `patterngen doctor`"
            )
        return [gpus[int(number)]]
    turn = worker % len(gpus) if gpus else 0
    found = {"auto": gpus[turn:] + gpus[:turn] + cpus, "gpu": gpus[turn:] + gpus[:turn], "cpu": cpus}[kind]
    if not found:
        lack, other = ("a GPU", "cpu") if kind == "gpu" else ("a software renderer", "gpu")
        raise PatternGenError(
            f"device {wanted}: refused, EGL lists no such device here; install the driver of {lack}, "
            f"or give --device {other} (`patterngen doctor` lists the devices)"
        )
    return found


def no_opengl(reason: str) -> MissingDependencyError:
    """Build the error for a machine on which OpenGL cannot be opened."""
    return MissingDependencyError(f"no OpenGL on this machine ({reason}): {REMEDY}")
