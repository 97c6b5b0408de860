"""Names that users give stand in every figure as they are, also where they look like mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg

from trainer.results import plots
from trainer.results.rows import summarise
from trainer.study import figures as study
from trainer.transfer.finetune import plots as finetune_plots


@pytest.fixture
def texts(monkeypatch):
    """What is drawn as text, and whether as mathematics."""
    drawn, draw = {}, RendererAgg.draw_text

    def draw_text(self, gc, x, y, text, prop, angle, ismath=False, mtext=None):
        drawn[text] = ismath
        return draw(self, gc, x, y, text, prop, angle, ismath, mtext)

    monkeypatch.setattr(RendererAgg, "draw_text", draw_text)
    return drawn


def scores(path, name, evaluated):
    plots.scores(path, summarise(evaluated([{"split": 0.5}], encoder=name)))


def by_layer(path, name, evaluated):
    rows = evaluated([{"split": 0.5}], encoder=name)
    plots.by_layer(path, summarise([*rows, *(replace(row, protocol="linear (layer 1)") for row in rows)]))


def heat_map(path, name, _):
    values = {(name, "a"): 1.0, (name, name): 2.0}
    study.heat_map(path, values, titles=(name, name, "loss"), low_is_good=True)


def scatter(path, name, _):
    points = [(name, name, 0.1, 0.5), ("b", "", 0.2, 0.6)]
    study.scatter(path, {(name, "tv"): points}, [name], ["tv"], {name: {name: 0.3}})


def learning_curves(path, name, _):
    study.learning_curves(path, {(name, name, 0): [(1, 1.0), (2, 0.5)], ("b", name, 0): [(1, 1.0)]})


def study_by_layer(path, name, _):
    study.by_layer(path, {(name, name): [("1", 0.5), ("2", 0.6)]})


def curves(path, name, _):
    history = [{"epoch": 1, "loss": 1.0, "lr": 0.1}]
    finetune_plots.curves(path, {name: [history]}, {name: [0.5]}, metric="mAP")


def confusion(path, name, _):
    finetune_plots.confusion(path, ["a", name], np.eye(2, dtype=np.int64), title=name)


def class_bars(path, name, _):
    finetune_plots.class_bars(path, ["a", name], np.array([0.5, 1.0]), title=name)


OF_STUDIES = (heat_map, scatter, learning_curves, study_by_layer)


@pytest.mark.parametrize("figure", [scores, by_layer, *OF_STUDIES, curves, confusion, class_bars])
@pytest.mark.parametrize("name", ["a$b_{", "$x^2$ {", r"\frac$\frac$"])
def test_a_name_is_no_mathematics(tmp_path, evaluated, texts, figure, name):
    figure(tmp_path / "figure.png", name, evaluated)
    assert name in texts
    assert not any(texts.values())


OF_STUDIES = (heat_map, scatter, learning_curves, study_by_layer)


@pytest.mark.parametrize("figure", [scores, by_layer, *OF_STUDIES, curves, confusion, class_bars])
@pytest.mark.filterwarnings("error")
def test_a_name_can_be_seen(tmp_path, evaluated, texts, figure):
    figure(tmp_path / "figure.png", "a\x1b[31m\u202e\udce9", evaluated)
    assert r"a\x1b[31m\u202e\udce9" in texts
