"""Which device a process takes, and what a user reads who asks for one that is not there."""

import pytest

from patterngen.errors import PatternGenError
from patterngen.shaders.render.devices import Device, check_device, choose, list_devices

pytest.importorskip("moderngl")
CPU = Device(2, software=True, file="")
FIRST, SECOND = (Device(i, software=False, file=f"/dev/dri/card{i}") for i in range(2))
ALL = [FIRST, SECOND, CPU]


@pytest.mark.parametrize(
    ("wanted", "worker", "taken"),
    [
        ("auto", 0, [FIRST, SECOND, CPU]),
        ("auto", 1, [SECOND, FIRST, CPU]),
        ("auto", 2, [FIRST, SECOND, CPU]),
        ("gpu", 3, [SECOND, FIRST]),
        ("gpu:1", 0, [SECOND]),
        ("cpu", 1, [CPU]),
    ],
)
def test_workers_take_the_gpus_in_turn(wanted: str, worker: int, taken: list[Device]) -> None:
    assert choose(wanted, ALL, worker) == taken


def test_without_a_gpu_the_processor_draws() -> None:
    assert choose("auto", [CPU], 5) == [CPU]


@pytest.mark.parametrize(
    ("wanted", "devices", "words"),
    [
        ("gpu", [CPU], "device gpu: refused.*--device cpu"),
        ("cpu", [FIRST], "device cpu: refused.*--device gpu"),
        ("gpu:2", ALL, "device gpu:2: there are 2 GPUs here"),
    ],
)
def test_a_device_that_is_not_there(wanted: str, devices: list[Device], words: str) -> None:
    with pytest.raises(PatternGenError, match=words):
        choose(wanted, devices, 0)


@pytest.mark.parametrize("text", ["", "cuda", "gpu:", "gpu:-1", "gpu:x", "cpu:0", "GPU"])
def test_a_device_that_does_not_exist(text: str) -> None:
    with pytest.raises(PatternGenError, match="give auto, cpu, gpu, or gpu:1"):
        check_device(text)


def test_egl_lists_what_can_be_opened() -> None:
    devices = list_devices()
    assert [device.index for device in devices] == list(range(len(devices)))
    assert devices
