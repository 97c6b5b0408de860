"""Open OpenGL without a window, on a GPU where there is one and on the CPU where there is none."""

import ctypes
from typing import TYPE_CHECKING, Any

from patterngen.errors import MissingDependencyError, PatternGenError
from patterngen.shaders.render.devices import EGL_LIBRARY, choose, list_devices, no_opengl

if TYPE_CHECKING:
    import moderngl

_GLSL_VERSION = 0x8B8C  # the number of GL_SHADING_LANGUAGE_VERSION
_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software")


def open_context(device: str = "auto", worker: int = 0) -> "moderngl.Context":
    """Open an OpenGL 3.3 context through EGL on the first fitting device that works.

    A device that is listed but cannot be opened (a container without access to it) is passed over.

    Args:
        device: ``auto`` prefers a GPU to the CPU; ``cpu``, ``gpu`` and ``gpu:1`` take that or nothing.
        worker: the number of this process among those that draw: they take the GPUs in turn.

    Raises:
        MissingDependencyError: moderngl is not installed, or there is no EGL, or nothing can be opened.
        PatternGenError: there is no such device, or it is no GPU though a GPU was asked for.
    """
    try:
        import moderngl
    except ImportError:
        raise MissingDependencyError(
            "drawing shaders needs moderngl: run `pip install 'patterngen[gl]'`"
        ) from None
    reasons: list[str] = []
    for candidate in choose(device, list_devices(), worker):
        try:
            context = moderngl.create_context(330, standalone=True, **_settings(candidate.index))
        except Exception as error:  # moderngl and glcontext raise the bare class
            reasons.append(str(error))
            continue
        # A driver without access to its GPU may draw on the CPU instead and say so only now.
        kind = device.partition(":")[0]
        if kind != "auto" and is_software(context) != (kind == "cpu"):
            raise PatternGenError(
                f"device {device}: refused, for what opens is {context.info['GL_RENDERER']}; "
                f"`patterngen doctor` lists the devices, --device auto takes the best"
            )
        # What falls out of use is deleted when the thread that owns the context asks for it.
        context.gc_mode = "context_gc"
        return context
    raise no_opengl(reasons[0])


def describe(context: "moderngl.Context") -> str:
    """Name what turns numbers into pixels: the renderer and the driver's version."""
    return f"{context.info['GL_RENDERER']}; OpenGL {context.info['GL_VERSION']}"


def glsl_version() -> str:
    """Return the version of the shading language that the open context compiles."""
    egl = ctypes.CDLL(EGL_LIBRARY)
    egl.eglGetProcAddress.restype = ctypes.c_void_p
    get = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_uint)(egl.eglGetProcAddress(b"glGetString"))
    return (get(_GLSL_VERSION) or b"").decode(errors="replace")


def is_software(context: "moderngl.Context") -> bool:
    """Whether the CPU draws."""
    return any(name in context.info["GL_RENDERER"].lower() for name in _SOFTWARE)


def _settings(device: int) -> dict[str, Any]:
    # EGL hands out the functions of OpenGL too, so libGL need not be installed.
    return {"backend": "egl", "device_index": device, "libegl": EGL_LIBRARY, "libgl": EGL_LIBRARY}
