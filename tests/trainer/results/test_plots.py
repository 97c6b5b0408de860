import pytest
from PIL import Image

from trainer.results import plots
from trainer.results.rows import summarise


def test_scores_are_drawn_a_panel_a_protocol(tmp_path, evaluated):
    def row(encoder, protocol, *scores):
        by_seed = [{"fold 1": score, "fold 2": score / 2} for score in scores]
        return summarise(evaluated(by_seed, encoder=encoder, protocol=protocol))[0]

    results = [row(name, "linear", 0.5, 0.6) for name in ("floor", "random", "smooth")]
    plots.scores(tmp_path / "one.png", results)
    plots.scores(tmp_path / "two.png", [*results, row("scratch", "finetune (last)", 0.4)])
    with Image.open(tmp_path / "one.png") as one, Image.open(tmp_path / "two.png") as two:
        assert two.width > one.width


def test_layers_are_a_line_for_each_encoder_and_pooling(tmp_path, evaluated, monkeypatch):
    def row(encoder, protocol, *scores):
        return summarise(
            evaluated([{"split": score} for score in scores], encoder=encoder, protocol=protocol)
        )[0]

    results = [row("floor", "linear", 0.4), row("floor", "knn", 0.9)]
    for encoder, base in (("random", 0.2), ("smooth", 0.3)):
        for kind, more in (("", 0.0), (" (layer 7)", 0.1), (" (mean)", 0.2), (" (layer 7, concat+std)", 0.3)):
            results += [row(encoder, f"linear{kind}", base + more), row(encoder, f"knn{kind}", 0.9)]
    lines = {}
    monkeypatch.setattr(
        "matplotlib.axes.Axes.plot",
        lambda _self, x, y, label, **how: lines.update({label: ([*zip(x, y, strict=True)], how["color"])}),
    )
    plots.by_layer(tmp_path / "layers.png", results)
    gray = lines["random"][1]
    assert {name: colour == gray for name, (_, colour) in lines.items()} == {
        **dict.fromkeys(("random", "random, mean", "random, concat+std"), True),
        **dict.fromkeys(("smooth", "smooth, mean", "smooth, concat+std"), False),
    }
    assert [score for _, score in lines["smooth"][0]] == pytest.approx([40, 30])  # layer 7, then norm
    assert [score for _, score in lines["smooth, concat+std"][0]] == pytest.approx([60])


def test_without_a_linear_probe_the_first_protocol_is_drawn(tmp_path, evaluated, monkeypatch):
    results = [
        summarise(evaluated([{"split": score}], encoder=encoder, protocol=protocol))[0]
        for encoder, protocol, score in (
            ("floor", "knn", 0.1),
            ("smooth", "knn (layer 2)", 0.2),
            ("smooth", "knn", 0.3),
            ("smooth", "attentive", 0.9),
        )
    ]
    lines = {}
    monkeypatch.setattr(
        "matplotlib.axes.Axes.plot", lambda _self, x, y, label, **_: lines.update({label: (list(x), y)})
    )
    plots.by_layer(tmp_path / "layers.png", results)
    assert lines == {"smooth": ([0, 1], pytest.approx([20, 30]))}
