"""Compiles the kernels that a wheel brings, so that nobody waits for them after installing it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = "patterngen/_kernels"


class KernelBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts compiled kernels into a wheel, which is then one for this kind of machine and this Python.

    PATTERNGEN_KERNELS says for which processors: ``host`` (the default) for the best level that this one can
    run, ``all`` for every level, ``none`` for a wheel of Python alone. That draws the same pictures, but
    compiles each kernel when it is first needed; so does one made where kernels cannot be compiled.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile what is not yet compiled; an editable installation finds it where it is."""
        wanted = os.environ.get("PATTERNGEN_KERNELS", "host")
        if version == "editable" or wanted == "none":
            return
        levels = ["all"] if wanted == "all" else []
        command = [sys.executable, "-m", "patterngen.jobs.kernel_build", *levels]
        # In front of what is there: pip finds the packages of a build by this very variable.
        paths = [self.root, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
        built = subprocess.run(  # noqa: S603 - ourselves
            command, cwd=self.root, env=environment, stderr=subprocess.PIPE, text=True, check=False
        )
        if built.returncode:
            reason = built.stderr.strip().splitlines()[-1:] or [f"exit code {built.returncode}"]
            self.app.display_warning(f"a wheel without compiled kernels: {reason[0]}")
        elif kernels := list(Path(self.root, FOLDER).glob("*/*.kernel")):
            build_data["force_include"] |= {
                str(path): f"{FOLDER}/{path.parent.name}/{path.name}" for path in kernels
            }
            build_data["pure_python"] = False
            build_data["infer_tag"] = True
