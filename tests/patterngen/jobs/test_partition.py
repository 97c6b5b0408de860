"""Which shards are whose: of flags, of a Slurm array, of a Kubernetes Job, of ranks."""

import itertools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from patterngen.errors import PatternGenError
from patterngen.jobs.partition import Part, part_of
from patterngen.jobs.run_options import RunOptions


@given(st.sets(st.integers(0, 10**6), max_size=60), st.integers(1, 80))
def test_parts_are_disjoint_and_cover_everything(shards, count):
    parts = [Part(index, count, "test").of(sorted(shards)) for index in range(count)]
    together = list(itertools.chain(*parts))
    assert sorted(together) == sorted(shards)
    assert all(list(part) == sorted(part) for part in parts)


@given(st.integers(0, 500), st.integers(1, 40))
def test_no_part_has_more_than_one_shard_more_than_another(shards, count):
    sizes = [len(Part(index, count, "test").of(range(shards))) for index in range(count)]
    assert max(sizes) - min(sizes) <= 1


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.data())
def test_a_part_keeps_its_shards_when_the_dataset_grows(shards, more, count, data):
    part = Part(data.draw(st.integers(0, count - 1)), count, "test")
    assert [shard for shard in part.of(range(shards + more)) if shard < shards] == list(
        part.of(range(shards))
    )


def slurm(tasks, **more):
    """The environment of each task of a Slurm array."""
    names = {"MIN": min(tasks), "MAX": max(tasks), "COUNT": len(tasks), **more}
    common = {f"SLURM_ARRAY_TASK_{name}": str(value) for name, value in names.items()}
    return [common | {"SLURM_ARRAY_TASK_ID": str(task)} for task in tasks]


@pytest.mark.parametrize("tasks", [range(16), range(1, 17), range(3, 40, 7), [5], [3, 9]])
def test_every_task_of_a_slurm_array_has_a_part(tasks):
    parts = [part_of(None, None, environ) for environ in slurm(tasks)]
    assert [(part.index, part.count) for part in parts] == [(i, len(tasks)) for i in range(len(tasks))]


def test_a_slurm_array_may_tell_no_more_than_task_and_count():
    part = part_of(None, None, {"SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_COUNT": "4"})
    assert (part.index, part.count) == (2, 4)


@given(st.sets(st.integers(0, 30), min_size=1, max_size=12))
def test_no_two_tasks_of_any_array_have_one_part_unless_one_is_refused(tasks):
    found = []
    try:
        found = [part_of(None, None, environ).index for environ in slurm(sorted(tasks))]
    except PatternGenError:
        assume(len(tasks) > 2)  # a refusal is right only where there can be a gap
    else:
        assert found == list(range(len(tasks)))


@pytest.mark.parametrize(
    ("environ", "index", "count"),
    [
        ({}, 0, 1),
        ({"RANK": "3", "WORLD_SIZE": "8"}, 3, 8),
        (slurm(range(4))[1] | {"RANK": "0", "WORLD_SIZE": "1"}, 1, 4),
        (slurm(range(4))[1] | {"JOB_COMPLETION_INDEX": "7"}, 1, 4),
    ],
)
def test_the_environment_tells_the_part(environ, index, count):
    part = part_of(None, None, environ)
    assert (part.index, part.count) == (index, count)


@pytest.mark.parametrize("environ", [{}, {"RANK": "1", "WORLD_SIZE": "2"}, {"JOB_COMPLETION_INDEX": "7"}])
def test_flags_win(environ):
    part = part_of(5, 9, environ)
    assert (part.index, part.count, part.flags) == (5, 9, " --shard-index 5 --shard-count 9")


@pytest.mark.parametrize("name", ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "RANK"])
def test_a_count_alone_takes_the_index_as_it_stands(name):
    part = part_of(None, 9, {name: "7", "SLURM_ARRAY_TASK_MIN": "7"})
    assert (part.index, part.count) == (7, 9)
    assert name in str(part)


@pytest.mark.parametrize(
    ("index", "count", "environ", "said"),
    [
        (1, None, {}, "--shard-index 1: give --shard-count too"),
        (None, 8, {}, "--shard-count 8: give --shard-index too"),
        (8, 8, {}, "part 8 of 8"),
        (-1, 8, {}, "part -1 of 8"),
        (0, 0, {}, "part 0 of 0"),
        (None, 8, {"SLURM_ARRAY_TASK_ID": "8"}, "part 8 of 8 (SLURM_ARRAY_TASK_ID and --shard-count)"),
        (None, None, {"JOB_COMPLETION_INDEX": "2"}, "JOB_COMPLETION_INDEX=2 says which part this is"),
        (None, None, {"RANK": "2"}, "RANK=2 is set and WORLD_SIZE is not"),
        (None, None, {"WORLD_SIZE": "2"}, "WORLD_SIZE=2 is set and RANK is not"),
        (None, None, {"RANK": "two", "WORLD_SIZE": "2"}, "RANK=two: expected a whole number"),
        (None, None, {"RANK": "2", "WORLD_SIZE": "2"}, "part 2 of 2 (RANK and WORLD_SIZE)"),
        (None, None, slurm([1, 3, 7])[1], "a Slurm array of 3 tasks from 1 to 7 has gaps"),
        (None, None, slurm([1, 3, 8])[0], "a Slurm array of 3 tasks from 1 to 8 has gaps"),
    ],
)
def test_half_of_it_or_nonsense_is_refused(index, count, environ, said):
    with pytest.raises(PatternGenError) as error:
        part_of(index, count, environ)
    assert str(error.value).startswith(said)
    assert "--shard-count" in str(error.value)


def test_a_run_asks_flags_then_the_environment(monkeypatch, tmp_path):
    def run(**fields):
        return RunOptions(out=str(tmp_path), **fields)

    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "3")
    assert (run().part.index, run().part.count) == (1, 3)
    assert run(shard_index=0, shard_count=1).part.count == 1
    assert run(shard_index=2, shard_count=5).command == run().command, "the part is said beside it"
