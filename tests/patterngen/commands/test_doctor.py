"""What `patterngen doctor` finds, where everything is there and where it is not."""

import json
import os
import subprocess
import sys

import pytest

from patterngen.cli import main
from patterngen.commands.doctor import DoctorConfig, doctor
from patterngen.errors import PatternGenError

pytest.importorskip("moderngl")


def test_here_shaders_can_be_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    found = doctor(DoctorConfig())
    assert found.healthy
    assert found.opengl is not None
    assert found.devices
    assert found.packages["numba"]
    assert found.cpus >= 1
    assert found.opengl.renderer in str(found)
    assert main(["doctor", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["healthy"] is True
    assert told["opengl"]["renderer"] == found.opengl.renderer
    assert told["opengl"]["glsl"] >= "3.30"


def test_a_gpu_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    if not all(device.software for device in doctor(DoctorConfig()).devices):
        pytest.skip("this machine has a GPU")
    assert main(["doctor", "--device", "gpu"]) == 1
    assert "device gpu: refused" in capsys.readouterr().out
    assert main(["preview", "shaders", "--device", "gpu", "--out", "/tmp/none.png"]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith("error: device gpu: refused")
    assert errors.count("\n") == 1


def test_without_egl_it_names_the_packages() -> None:
    command = [sys.executable, "-m", "patterngen.cli", "doctor"]
    bare = os.environ | {"__EGL_VENDOR_LIBRARY_FILENAMES": "/nonexistent"}
    run = subprocess.run(command, env=bare, capture_output=True, text=True, timeout=300, check=False)
    assert (run.returncode, run.stderr) == (1, "")
    assert "apt-get install libegl1 libgl1-mesa-dri" in run.stdout


def test_without_the_packages_it_names_the_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("patterngen.commands.doctor.installed_version", lambda package: None)
    text = str(doctor(DoctorConfig()))
    assert "not installed; draws shaders: pip install 'patterngen[gl]'" in text
    assert "not installed; draws with networks, and trains: pip install 'patterngen[train]'" in text


def test_a_device_that_does_not_exist() -> None:
    with pytest.raises(PatternGenError, match="device 'tpu': give auto"):
        DoctorConfig(device="tpu")
