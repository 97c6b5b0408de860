from PIL import Image

from trainer.study.heat_map import heat_map


def test_a_heat_map_is_drawn_with_blanks(tmp_path):
    heat_map(
        tmp_path / "map.png",
        [[0.5, float("nan"), 1.0]],
        rows=["0.5"],
        columns=["4", "8", "16"],
        titles=("mask ratio", "patch", "loss"),
        low_is_good=True,
    )
    with Image.open(tmp_path / "map.png") as picture:
        assert picture.width > 300
