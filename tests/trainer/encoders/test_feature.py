"""The value that says what of an encoder describes a clip, and how people write it."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.encoders.feature import POOLINGS, TIME_AVERAGE, Feature, parse_features
from trainer.errors import TrainerError

BLOCKS = 12
layers = st.sets(st.integers(1, BLOCKS) | st.sampled_from(["norm", "logmel"]), min_size=1)
spaces = st.sampled_from(["", " ", "\t"])


@given(layers, st.sampled_from(POOLINGS), st.randoms(), spaces, st.sampled_from(",+"))
def test_layers_are_one_feature_in_whatever_order_they_are_written(asked, pooling, random, space, between):
    words = [str(layer) for layer in asked]
    random.shuffle(words)
    text = f"{space}{between}{space}".join(words)
    (found,) = parse_features(text, f"{space}{pooling}", BLOCKS)
    assert found == Feature(tuple(asked), pooling)
    assert set(found.layers) == asked
    known = [*range(1, BLOCKS + 1), "norm", "logmel"]
    assert list(found.layers) == sorted(asked, key=known.index)
    assert [part.layers for part in found.parts] == [(layer,) for layer in found.layers]
    assert [found] == parse_features(text, pooling)  # before an encoder is known
    assert [found] == parse_features("+".join(words), pooling, BLOCKS, alternatives=True)


@given(st.lists(layers, min_size=1, max_size=4, unique_by=frozenset), st.sets(st.sampled_from(POOLINGS)))
def test_alternatives_are_every_layer_by_every_pooling(groups, poolings):
    poolings = poolings or {"mean"}
    text = ",".join("+".join(map(str, group)) for group in groups)
    found = parse_features(text, ",".join(poolings), BLOCKS, alternatives=True)
    assert len(found) == len(set(found))
    assert set(found) == {Feature(tuple(group), pooling) for group in groups for pooling in poolings}


@given(layers, st.sampled_from(POOLINGS))
def test_features_that_differ_have_names_that_differ(asked, pooling):
    feature = Feature(tuple(asked), pooling)
    name = str(feature)
    assert feature.description == {"": "norm, concat+std", **dict.fromkeys(POOLINGS, f"norm, {name}")}.get(
        name, name if pooling in name or name == "logmel" else f"{name}, concat+std"
    )
    assert (name == "") == (feature == Feature())
    head, _, tail = name.removeprefix("layers ").removeprefix("layer ").rpartition(", ")
    words = [word for word in (head, tail) if word]
    read = {"layers": "norm", "pooling": "concat+std"}
    for word in words:
        read["pooling" if word in POOLINGS else "layers"] = word
    assert parse_features(**read) == [feature]


@given(layers, st.sampled_from(POOLINGS))
def test_a_feature_is_plain_values(asked, pooling):
    feature = Feature(tuple(asked), pooling)
    values = json.loads(json.dumps(asdict(feature)))
    assert Feature(tuple(values["layers"]), values["pooling"]) == feature


def test_each_is_a_vector_for_every_layer_or_pooling():
    every = [Feature((layer,)) for layer in (1, 2, 3, "norm")]
    for word in ("each", "all", "\tall "):
        assert parse_features(word, "concat+std", 3) == every
        assert parse_features(word, "concat+std", 3, alternatives=True) == every
    assert parse_features("2", "each", 3) == [Feature((2,), pooling) for pooling in POOLINGS]
    assert parse_features("logmel", "each", 3) == [Feature(("logmel",))]  # which is pooled in one way
    assert len(parse_features("each", "each", 3)) == 4 * len(POOLINGS)


@pytest.mark.parametrize(
    ("feature", "text"),
    [
        (Feature(), ""),
        (TIME_AVERAGE, "concat"),
        (Feature((3,)), "layer 3"),
        (Feature(pooling="mean"), "mean"),
        (Feature((3,), "concat"), "layer 3, concat"),
        (Feature(("norm", 9, 3), "mean"), "layers 3+9+norm, mean"),
        (Feature(("logmel",), "mean"), "logmel"),
        (Feature(("logmel", "norm")), "layers norm+logmel"),
    ],
)
def test_a_feature_in_words_says_what_is_not_the_default(feature, text):
    assert str(feature) == text


@pytest.mark.parametrize(
    "layers", ["", "0", "4", "-1", "first", "1-3", "1,,2", "1 2", "²", "1+", "9" * 5000, "Norm", "1,4"]
)
@pytest.mark.parametrize("alternatives", [False, True])
def test_layers_that_are_not_there_are_named(layers, alternatives):
    with pytest.raises(TrainerError, match=r"layers = .*: '.*' is none of 1 … 3, norm and logmel") as caught:
        parse_features(layers, "mean", 3, alternatives=alternatives)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("layers", "pooling", "alternatives", "words"),
    [
        ("3,1,03", "mean", False, "layers = 3,1,03: 3 is there twice"),
        ("3+3,1", "mean", True, r"layers = 3\+3,1: 3 is there twice"),
        ("1+3,norm,3+1", "mean", True, r"1\+3 is there twice"),
        ("3,each", "mean", False, "layers = 3,each: 'each' stands alone"),
        ("all+norm", "mean", True, "'all' stands alone"),
        ("3", "", False, r"pooling = : '' is none of concat, mean, concat\+std, concat\+max"),
        ("3", "mean,max", True, "pooling = mean,max: 'max' is none of"),
        ("3", "mean,mean", True, "pooling = mean,mean: mean is there twice"),
        ("3", "mean,concat", False, "pooling = mean,concat: give one, or each for a vector of each"),
    ],
)
def test_what_cannot_be_meant_is_said(layers, pooling, alternatives, words):
    with pytest.raises(TrainerError, match=words):
        parse_features(layers, pooling, 12, alternatives=alternatives)


@pytest.mark.parametrize(
    ("layers", "pooling"),
    [((), "mean"), ((3, 3), "mean"), ((0,), "mean"), ((True,), "mean"), (("last",), "mean"), ((3,), "max")],
)
def test_a_value_that_means_nothing_is_refused(layers, pooling):
    with pytest.raises(TrainerError, match=r"layers|pooling"):
        Feature(layers, pooling)
