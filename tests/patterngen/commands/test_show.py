from patterngen.commands.show import ShowConfig, show
from patterngen.encode import decode
from patterngen.families import family


def test_show_draws_the_pixels_of_the_seed(tmp_path):
    path = tmp_path / "x.png"
    seed = 2**63 - 1
    line = show(ShowConfig(family="perlin?colours=4", seed=seed, size=32, out=str(path)))
    expected = family("perlin?colours=4").draw([seed], 32).pixels[0]
    assert (decode(path.read_bytes()) == expected).all()
    assert str(seed) in str(line)
