import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from patterngen import RunFailedError
from trainer.transfer import logistic
from trainer.transfer.logistic import TOLERANCE, Scaling, log_loss, logistic_path, one_hot

pytestmark = pytest.mark.numerical


def fit(features, targets, classes, strength, **kind):
    """Return the scaled features and the model of one strength."""
    inputs = Scaling.of(features)(features)
    (model,) = logistic_path(inputs, one_hot(targets, classes), [strength], **{"multi_label": False} | kind)
    return inputs, model


def made(seed, clips, features, classes, spread=1.0):
    """Draw features of any scales, and classes that they tell something of."""
    rng = np.random.default_rng(seed)
    targets = rng.permutation(np.arange(clips) % classes)
    centres = rng.normal(size=(classes, features))
    values = (centres[targets] + 2 * rng.normal(size=(clips, features))) * np.exp(
        spread * rng.normal(size=features)
    )
    return torch.from_numpy(values), targets


@pytest.mark.parametrize("strength", [3.0, 0.1, 1e-3, 1e-5])
def test_the_optimum_of_one_feature_is_that_of_its_equation(strength):
    """Two classes at −1 and 1, a tenth of each at the other's place, so that no weight is infinite."""
    targets = np.repeat([0, 1], 10)
    values = torch.tensor([-1.0] * 9 + [1.0] + [1.0] * 9 + [-1.0])[:, None]
    _, model = fit(values, targets, 2, strength)
    # Weights (−w, w): the derivative of 0.9·log(1 + e^(−2w)) + 0.1·log(1 + e^(2w)) + strength·w² vanishes.
    expected = brentq(lambda w: -1.8 * expit(-2 * w) + 0.2 * expit(2 * w) + 2 * strength * w, 0, 10)
    assert model.weights[0].tolist() == pytest.approx([-expected, expected], abs=2 * TOLERANCE)
    several = np.stack([targets, 1 - targets], axis=1)
    _, model = fit(values, several, 2, strength, multi_label=True)
    expected = brentq(lambda w: -0.9 * expit(-w) + 0.1 * expit(w) + strength * w, 0, 10)
    assert model.weights[0].tolist() == pytest.approx([expected, -expected], abs=2 * TOLERANCE)


@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 999),
    st.sampled_from([(60, 8, 3), (40, 100, 4), (90, 30, 5)]),
    st.sampled_from([1.0, 1e-2, 1e-4]),
    st.sampled_from([0.0, 4.0]),
)
def test_it_is_scikit_learns_optimum_whatever_number_and_scale(seed, shape, strength, spread):
    features, targets = made(seed, *shape, spread)
    inputs, model = fit(features, targets, shape[2], strength)
    assert model.gradient <= TOLERANCE * strength
    penalty = 1 / (strength * len(inputs))
    theirs = LogisticRegression(C=penalty, tol=1e-9, max_iter=10_000).fit(inputs.numpy(), targets)
    ours = model(inputs).log_softmax(dim=1).numpy()
    np.testing.assert_allclose(ours, theirs.predict_log_proba(inputs.numpy()), atol=4 * TOLERANCE)


def test_each_of_several_labels_is_a_logistic_of_its_own():
    features, _ = made(0, 80, 20, 2)
    targets = (np.random.default_rng(0).random((80, 3)) < [0.5, 0.2, 0.1]).astype(np.int64)
    inputs, model = fit(features, targets, 3, 1e-3, multi_label=True)
    for label in range(3):
        theirs = LogisticRegression(C=1 / (1e-3 * 80), tol=1e-9, max_iter=10_000)
        expected = theirs.fit(inputs.numpy(), targets[:, label]).decision_function(inputs.numpy())
        np.testing.assert_allclose(model(inputs)[:, label].numpy(), expected, atol=4 * TOLERANCE)


def test_features_that_all_come_twice_change_nothing():
    features, targets = made(1, 50, 30, 4)
    once, single = fit(features, targets, 4, 1e-3)
    twice, double = fit(torch.cat([features, 5 * features - 3], dim=1), targets, 4, 1e-3)
    torch.testing.assert_close(twice @ twice.T, once @ once.T)
    outputs = [model(inputs).log_softmax(dim=1) for model, inputs in ((single, once), (double, twice))]
    torch.testing.assert_close(*outputs, atol=4 * TOLERANCE, rtol=0)


def test_one_feature_that_comes_twice_changes_little():
    features, targets = made(2, 200, 100, 4)
    again = torch.cat([features, features[:, :1]], dim=1)
    outputs = [
        model(inputs).softmax(dim=1)
        for inputs, model in (fit(x, targets, 4, 1e-2) for x in (features, again))
    ]
    # Its share of what all features say goes from 1/100 to 2/101.
    assert (outputs[0] - outputs[1]).abs().max() < 0.05


@given(st.floats(1e-3, 1e3), st.floats(-100, 100))
def test_units_change_nothing(unit, origin):
    features, _ = made(3, 20, 5, 2)
    scaled = Scaling.of(features)(features)
    torch.testing.assert_close(Scaling.of(unit * features + origin)(unit * features + origin), scaled)
    assert scaled.square().sum(dim=1).mean().item() == pytest.approx(1)


@pytest.mark.parametrize("constant", [0.0, 1.0, -1e6])
def test_constant_features_are_dropped(constant):
    features, targets = made(4, 40, 6, 3)
    more = torch.cat([features, torch.full((40, 2), constant)], dim=1)
    _, model = fit(more, targets, 3, 0.01)
    inputs, expected = fit(features, targets, 3, 0.01)
    asked = torch.cat(
        [features, torch.full((40, 2), constant + 9)], dim=1
    )  # which tell what was never learned
    torch.testing.assert_close(model(Scaling.of(more)(asked)), expected(inputs), atol=4 * TOLERANCE, rtol=0)


def test_where_features_say_nothing_classes_have_their_shares():
    targets = np.array([0] * 5 + [1] * 3 + [2] * 2)
    inputs, model = fit(torch.zeros(10, 4), targets, 3, 0.1)
    torch.testing.assert_close(model(inputs)[0].softmax(dim=0), torch.tensor([0.5, 0.3, 0.2]).double())


def test_a_class_without_a_clip_is_never_called():
    features, targets = made(5, 40, 6, 2)
    inputs, model = fit(features, targets * 2, 3, 0.01)
    outputs = model(inputs)
    assert outputs.isfinite().all()
    assert set(outputs.argmax(dim=1).tolist()) == {0, 2}
    labels = np.stack([targets, 0 * targets, 0 * targets + 1], axis=1)
    inputs, model = fit(features, labels, 3, 0.01, multi_label=True)
    assert (model(inputs)[:, 1] < -4).all()
    assert (model(inputs)[:, 2] > 4).all()


def test_it_says_when_it_does_not_converge(monkeypatch):
    monkeypatch.setattr(logistic, "TOLERANCE", 0.0)
    monkeypatch.setattr(logistic, "SMALLEST", 0.0)
    features, targets = made(6, 40, 6, 2)
    with pytest.raises(RunFailedError, match=r"strength 0\.01 did not converge"):
        fit(features, targets, 2, 0.01)


def test_log_losses():
    outputs = torch.tensor([[2.0, 0.0], [0.0, 1.0]]).double()
    assert log_loss(outputs, np.array([0, 1])) == pytest.approx(np.log1p(np.exp([-2.0, -1.0])).mean())
    expected = np.log1p(np.exp([-2.0, 0.0, 0.0, -1.0])).sum() / 2
    assert log_loss(outputs, np.array([[1, 1], [0, 1]])) == pytest.approx(expected)
