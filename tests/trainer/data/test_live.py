"""Drawing while one trains."""

import numpy as np

from patterngen import DatasetFolder, DatasetSpec, RunOptions, render
from trainer.data.contract import Reader
from trainer.data.live import Live


def taken(source, part, count, passed=0):
    return [sample for sample, _ in zip(source.samples(part, passed), range(count), strict=False)]


def test_they_are_the_pictures_of_the_job_s_shards(tmp_path, tools):
    families = ("perlin", "dead-leaves-mixed")
    spec = DatasetSpec(family=families, count=40, size=24, seed=9, encode_format="png", samples_per_shard=20)
    render(spec, RunOptions(out=str(tmp_path / "set")))
    drawn = {s.key: s.content.transpose(2, 0, 1).tobytes() for s in taken(Live(spec=spec), Reader(0, 1), 40)}
    assert drawn == tools.stored(tmp_path / "set")


def test_their_classes_are_those_of_the_job_s_shards(tmp_path):
    spec = DatasetSpec(family=("spectro", "perlin"), count=24, size=8, seed=9)
    render(spec, RunOptions(out=str(tmp_path / "set")))
    stored = DatasetFolder.open(str(tmp_path / "set"))
    drawn = [sample.class_id for sample in taken(Live(spec=spec), Reader(0, 1), 24)]
    assert drawn == stored.manifest(["class_id"])["class_id"].to_pylist()
    assert Live(spec=spec).num_classes == stored.num_classes == 7 + 1


def test_a_sample_is_found_by_its_number():
    live = Live(spec=DatasetSpec(family=("perlin",), count=1, size=8))
    for passed in (0, 1, 15, 16, 37):
        whole, tail = taken(live, Reader(1, 3), passed + 4)[passed:], taken(live, Reader(1, 3), 4, passed)
        assert [sample.key for sample in whole] == [sample.key for sample in tail]
        assert all(np.array_equal(a.content, b.content) for a, b in zip(whole, tail, strict=True))


def test_parts_draw_every_picture_once():
    live = Live(spec=DatasetSpec(family=("perlin",), count=1, size=8))
    keys = [int(sample.key) for index in range(3) for sample in taken(live, Reader(index, 3), 32)]
    assert sorted(keys) == list(range(96))


def test_identity_is_the_job_s():
    one, same, other = (
        DatasetSpec(family=("perlin",), count=n, size=8, seed=s) for n, s in ((1, 1), (9, 1), (1, 2))
    )
    assert Live(spec=one).identity == Live(spec=same).identity != Live(spec=other).identity
