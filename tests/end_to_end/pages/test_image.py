"""What the image for the CPU starts by itself, at toy size."""

from tests.end_to_end.pages.reading import toy
from tests.end_to_end.pages.test_pages import MAIN
from tests.test_release import started


def test_an_image_draws_and_trains(desk):
    home = desk([])
    for words in started("Dockerfile"):
        program, *arguments = toy(tuple(words), str(home))
        assert MAIN[program](arguments) == 0
    assert (home / "runs/first/export/encoder.safetensors").is_file()
