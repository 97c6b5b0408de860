import pytest

from patterngen import PatternGenError
from tests.trainer.study.toy import TINY, toy, write
from trainer.study.study_file import read_study


@pytest.fixture
def read(tmp_path):
    def made(**changes):
        return read_study(write(tmp_path / "toy.yaml", toy(**changes)), tmp_path / "out", roots={"hums": "."})

    return made


def test_a_grid_is_every_combination_each_seed_whole_before_the_next(read):
    plan = read(
        datasets={"dial": {"draw": ["smooth:perlin?tv={tv}"], "group": "g", "over": {"tv": [0.02, 0.1]}}},
        recipes={"plain": {}, "masks": {"over": {"mask_ratio": [0.5, 0.75], "patch_size": [4, 8]}}},
        seeds=[3, 5],
    )
    assert len(plan.runs) == 2 * 5 * 2
    assert [run.config.seed for run in plan.runs] == [3] * 10 + [5] * 10
    first, last = plan.runs[0], plan.runs[-1]
    assert (first.name, first.group) == ("dial, tv 0.02, plain, seed 3", "g")
    assert first.config.draw == ("smooth:perlin?tv=0.02",)
    assert first.config.out.endswith("/out/runs/dial,tv=0.02,plain,seed=3")
    assert last.varied == {"mask_ratio": 0.75, "patch_size": 8}
    assert (last.config.mask_ratio, last.config.patch_size, last.config.draw) == (
        0.75,
        8,
        ("smooth:perlin?tv=0.1",),
    )
    assert len({run.config.out for run in plan.runs}) == len({run.name for run in plan.runs}) == 20


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dataset": {}}, "unknown key 'dataset': did you mean datasets"),
        ({"datasets": {}}, "a grid of nothing"),
        ({"datasets": []}, "datasets must be a dict"),
        ({"seeds": [1, 1]}, "seeds must be whole numbers, each once"),
        ({"datasets": {"a": {"drew": ["perlin"]}}}, r"datasets.a: unknown key 'drew': did you mean draw"),
        ({"datasets": {"a": {}}}, None),
        (
            {"datasets": {"a b": {"draw": ["x"]}, "a*b": {"draw": ["x"]}, "a/b": {"draw": ["x"]}}},
            "two cells are",
        ),
        ({"datasets": {"random": {"draw": ["x"]}}}, "begins like a baseline"),
        ({"datasets": {"a": {"draw": ["x"], "over": {"tv": [1]}}}}, "over: tv turns nothing; write {tv}"),
        ({"datasets": {"a": {"draw": ["{tv}"], "over": {"tv": []}}}}, "tv has no value"),
        ({"datasets": {"a": {"draw": ["{tv}"], "over": {"tv": [1, 1]}}}}, "tv names a value twice"),
        ({"datasets": {"a": {"draw": ["{tv}"], "over": {"tv": 1}}}}, "over must name settings"),
        ({"recipes": {"a": {"lrr": 1}}}, "recipes.a: unknown key 'lrr'"),
        ({"recipes": {"a": {"seed": 1}}}, r"recipes.a: seed has no place here: give seeds"),
        ({"recipes": {"a": {"over": {"draw": [["x"]]}}}}, "draw has no place here: say it of a dataset"),
        ({"recipes": {"a": {"mask_ratio": 2}}}, "perlin, a: mask_ratio = 2.0 must lie between"),
        ({"recipes": {"a": 3}}, "recipes.a: expected `setting: value` lines"),
        ({"pretrain": TINY | {"out": "x"}}, "pretrain: out has no place here"),
        ({"recipes": {"a": {"over": {"lr": [0.1 / n for n in range(1, 1002)]}}}}, "asks for 1001 runs"),
        ({"tasks": {"hums": {}}}, "tasks.hums: task must be given"),
        ({"tasks": {"digits": {"task": "fsdd"}}}, "unknown task of this study 'hums'"),
        ({"tasks": {"hums": {"task": "csv"}, "more": {"task": "csv"}}}, "tasks.more: give the folder"),
        ({"tasks": {"hums": {"task": "csv"}, "average": {"task": "csv"}}}, "is the name of the mean"),
        ({"probe": {"neighbors": 3}}, "probe: unknown key 'neighbors': did you mean neighbours"),
        ({"probe": {"run": ["x"]}}, "probe: run has no place here"),
        ({"finetune": {"epochs": 0}}, "finetune: epochs = 0"),
        ({"analyses": {"a": {"x": "tw"}}}, "analyses.a: unknown x 'tw'"),
        ({"analyses": {"a": {}}}, "analyses.a: give x, to correlate"),
        ({"analyses": {"a": {"x": "tv", "tasks": ["speech"]}}}, "analyses.a: unknown task 'speech'"),
        ({"analyses": {"a": {"x": "tv", "recipe": "b"}}}, "analyses.a: unknown recipe 'b'"),
        (
            {"analyses": {"a": {"better": "perlim", "than": "fbm"}}},
            "unknown dataset, .*'perlim'",
        ),
        ({"analyses": {"a": {"better": "perlin", "than": "plain"}}}, "are not both datasets"),
        ({"analyses": {"a": {"x": "tv", "protocol": "knn"}}}, "unknown protocol of this study 'knn'"),
        ({"pictures": 0}, "pictures = 0 measures none"),
        ({"pictures": -1}, "pictures = -1 must be at least 0"),
        ({"halving": {"recipes": ["plain"], "task": "hums"}}, "must name two or more"),
        ({"halving": {"recipes": ["plain", "b"], "task": "hums"}}, "halving: unknown recipe 'b'"),
    ],
)
def test_what_is_no_study_is_one_line_that_names_the_place(read, changes, said):
    if said is None:  # pictures from nowhere: said when they are opened
        read(**changes)
        return
    with pytest.raises(PatternGenError, match=said) as caught:
        read(**changes)
    assert "\n" not in str(caught.value)
    assert "toy.yaml" in str(caught.value) or "task of this study" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected `datasets:`"),
        ("- a", "expected `datasets:`"),
        ("{", "is not YAML"),
        ("datasets: {a: {draw: [x]}, a: {draw: [y]}}", "a is given twice"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path, text, said):
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(PatternGenError, match=said):
        read_study(tmp_path / "bad.yaml", tmp_path)
    with pytest.raises(PatternGenError, match=r"gone\.yaml: No such file"):
        read_study(tmp_path / "gone.yaml", tmp_path)
