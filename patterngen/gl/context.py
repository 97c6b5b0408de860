"""Open OpenGL without a window, on a GPU where there is one and on the CPU where there is none."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from patterngen.errors import MissingDependencyError, PatternGenError

if TYPE_CHECKING:
    import moderngl

EGL_LIBRARY = "libEGL.so.1"
"""The library by its versioned name: the bare one exists only where development packages do."""

REMEDY = (
    "install a GPU driver with EGL, or Mesa for drawing on the CPU: "
    "`apt-get install libegl1 libgl1-mesa-dri` on Debian and Ubuntu. "
    "Families other than shaders draw without OpenGL."
)


def open_context() -> "moderngl.Context":
    """Open an OpenGL 3.3 context through EGL on the first device that works.

    EGL lists hardware before software, so a GPU is preferred; a device that is listed but cannot be opened
    (a container without access to it) is passed over. ``GLCONTEXT_DEVICE_INDEX`` chooses one device.

    Raises:
        MissingDependencyError: moderngl is not installed.
        PatternGenError: there is no EGL, or none of its devices can be opened.
    """
    try:
        import moderngl
    except ImportError:
        raise MissingDependencyError(
            "drawing shaders needs moderngl: run `pip install 'patterngen[gl]'`"
        ) from None
    reasons: list[str] = []
    with _drawing_in_this_thread():
        for device in range(64):  # ends at the first index that EGL does not have
            try:
                context = moderngl.create_context(330, standalone=True, **_settings(device))
            except Exception as error:  # moderngl and glcontext raise the bare class
                reasons.append(str(error))
                if _is_last(str(error)):
                    break
            else:
                # What falls out of use is deleted when the thread that owns the context asks for it.
                context.gc_mode = "context_gc"
                return context
    raise PatternGenError(f"no OpenGL on this machine ({reasons[0]}): {REMEDY}")


def describe(context: "moderngl.Context") -> str:
    """Name what turns numbers into pixels: the renderer and the driver's version."""
    return f"{context.info['GL_RENDERER']}; OpenGL {context.info['GL_VERSION']}"


def _settings(device: int) -> dict[str, Any]:
    # EGL hands out the functions of OpenGL too, so libGL need not be installed.
    return {"backend": "egl", "device_index": device, "libegl": EGL_LIBRARY, "libgl": EGL_LIBRARY}


def _is_last(reason: str) -> bool:
    return "not loaded" in reason or "requested device index" in reason


@contextmanager
def _drawing_in_this_thread() -> Iterator[None]:
    """Tell Mesa's llvmpipe, which reads this when a context is made, to start no threads of its own.

    By default it takes every core of the machine; our workers are as many as the cores that the user gave.
    """
    name = "LP_NUM_THREADS"
    if name in os.environ:
        yield
        return
    os.environ[name] = "0"
    try:
        yield
    finally:
        del os.environ[name]
