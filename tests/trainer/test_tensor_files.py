import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError

from tests.trainer.encoders.test_checkpoint import flip, same
from trainer.tensor_files import dump_tensors, load_tensors


@settings(max_examples=30)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_of_sealed_tensors_is_found(tmp_path_factory, place, bit):
    path = tmp_path_factory.mktemp("sealed") / "a.safetensors"
    tensors = {"a": torch.arange(9.0), "b": torch.arange(4)}
    path.write_bytes(dump_tensors(tensors, {"score": "0.5"}))
    read, metadata = load_tensors(path)
    assert same(read, tensors)
    assert metadata == {"score": "0.5"}
    flip(path, 8 * int(place * path.stat().st_size) + bit)
    try:
        read, metadata = load_tensors(path)
    except (SafetensorError, OSError, ValueError):
        return
    assert same(read, tensors)  # a space of the header, or the name of the digest
    assert metadata.get("score", "0.5") == "0.5"
