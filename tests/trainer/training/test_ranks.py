import importlib.util
import os
import socket
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.forked import Nursery
from trainer.encoders.exported import load_encoder
from trainer.errors import TrainerError
from trainer.pretraining.run import Pretraining
from trainer.training.ranks import Ranks, join

SCRIPT = Path(__file__).with_name("rank_work.py")
ROOT = Path(__file__).parents[3]


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


work = load(SCRIPT)


@pytest.fixture(scope="module")
def pictures():
    generator = torch.Generator().manual_seed(0)
    return torch.randint(256, (8, 3, 16, 16), dtype=torch.uint8, generator=generator)


@pytest.fixture(scope="module")
def two(patterns, pictures, tmp_path_factory):
    """What two ranks found, by gloo on this computer, each with half of the pictures."""
    out = tmp_path_factory.mktemp("two")
    save_file({"pictures": pictures}, out / "pictures.safetensors")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    common = {
        "WORLD_SIZE": "2",
        "LOCAL_WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": f"{port}",
    }
    common |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    words = ["tests.trainer.training.rank_work", patterns, out / "pictures.safetensors", out]
    imports = "import timm, torch.distributed.fsdp, trainer.pretraining.pretrain"
    with Nursery(imports, os.environ | common) as nursery:
        processes = [
            nursery.start(*words, env=os.environ | common | {"RANK": str(rank), "LOCAL_RANK": str(rank)})
            for rank in range(2)
        ]
        try:
            said = [process.communicate(240)[1] for process in processes]
        finally:
            for process in processes:
                process.kill()
    assert [process.returncode for process in processes] == [0, 0], "\n".join(said)
    return out


@pytest.fixture(scope="module")
def one(patterns, pictures, tmp_path_factory):
    """What one process finds with the double batch."""
    config = work.settings(str(patterns), tmp_path_factory.mktemp("one") / "run", batch_size=8)
    return work.learn(Pretraining(config), pictures)


def same(found, expected, tolerance=1e-5):
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        error = (found[name] - tensor).norm() / tensor.norm().clamp(min=1e-12)
        # The second gradients come after a step of Adam, which magnifies rounding where gradients are tiny.
        assert error < tolerance * (100 if name.startswith("1.") else 1), f"{name}: {error}"


@pytest.mark.parametrize("weights", ["whole", "sharded"])
def test_two_ranks_have_the_gradients_of_one_with_the_double_batch(two, one, weights):
    same(load_file(two / f"{weights}.safetensors"), one)


def test_accumulated_batches_have_the_gradients_of_one_batch(patterns, pictures, one, tmp_path):
    config = work.settings(str(patterns), tmp_path / "run", batch_size=2, accumulate=4)
    same(work.learn(Pretraining(config), pictures), one)


def test_sharded_weights_come_out_whole(two):
    encoders = [
        load_encoder(two / name / folder)[1]
        for name in ("whole", "sharded")
        for folder in ("export", "export-ema")
    ]
    for state in encoders:
        assert state.keys() == encoders[0].keys()
    for name, tensor in encoders[0].items():
        torch.testing.assert_close(encoders[2][name], tensor, atol=1e-3, rtol=0)  # lr, of rounded signs


def test_ranks_of_another_number_do_not_go_on(two, patterns):
    with pytest.raises(TrainerError, match=r"processes: 2 → 1"):
        Pretraining(work.settings(str(patterns), two / "whole"))


# --- alone -------------------------------------------------------------------------------------


def test_alone_there_is_nobody_to_ask():
    ranks = join("cpu")
    assert ranks == Ranks(torch.device("cpu"))
    assert ranks.any(True, False) == (True, False)
    assert ranks.mean(torch.tensor(3.0)) == 3
    assert not ranks.has_lost_one(RuntimeError("Connection closed by peer"))


def test_several_processes_take_their_own_gpus(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(TrainerError, match=r"device 'cuda:1': each of several processes takes its own"):
        join("cuda:1")
