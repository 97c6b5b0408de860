from collections import Counter
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from trainer import tasks
from trainer.errors import TrainerError
from trainer.tasks import debian
from trainer.tasks.drums import CLASSES, classify, read_kit

INSTRUMENTS = ("Kick", "Snare Rock", "Hand Clap", "Tom Low", "Closed HH", "Open HH", "Crash", "Ride Jazz")
INSTALLED = Path("usr/share/hydrogen/data/drumkits")


@pytest.fixture
def kit(tmp_path, sound):
    """Write a kit as Hydrogen does: the newer form with layers and a namespace, or the older without."""

    def write(name, author, instruments=INSTRUMENTS, layers=2, *, modern=True, root=tmp_path / INSTALLED):
        folder = root / name
        text = []
        for i, instrument in enumerate(instruments):
            files = [f"{i}_{layer}.wav" for layer in range(layers)]
            for file in files:
                sound(folder / file)
            if modern:
                inner = "".join(f"<layer><filename>{file}</filename><min>0</min></layer>" for file in files)
            else:
                inner = f"<filename>{files[0]}</filename>"
            text.append(f"<instrument><id>{i}</id><name>{escape(instrument)}</name>{inner}</instrument>")
        namespace = ' xmlns="http://www.hydrogen-music.org/drumkit"' if modern else ""
        (folder / "drumkit.xml").write_text(
            f'<?xml version="1.0" encoding="UTF-8"?><drumkit_info{namespace}><name>{name}</name>'
            f"<author>{escape(author)}</author><info>&lt;!DOCTYPE HTML&gt;</info>"
            f"<instrumentList>{''.join(text)}<instrument><id>99</id><name/></instrument></instrumentList>"
            "</drumkit_info>"
        )
        return folder / "drumkit.xml"

    return write


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ('Kick (Tama Superstar 22")', "kick"),
        ("BassDrum", "kick"),
        ("c3 - bass drum 1", "kick"),
        ("Snare 2 Rimshot (Pearl Free Floating Maple 14x3.5)", "snare"),
        ("Snare1", "snare"),
        ("Hand Clap", "clap"),
        ("Clap Hard", "clap"),
        ("Floor Tom", "tom"),
        ("tomhi3", "tom"),
        ("VariBreaks Tom Hi", "tom"),
        ("Hi Hat Closed", "closed hat"),
        ("Hi-Hat Closed (Paiste Alpha Metal edge 14)", "closed hat"),
        ("VariBreaks Hat 1 Cl", "closed hat"),
        ("Closed HH 3", "closed hat"),
        ("f#3 - hi-hat closed", "closed hat"),
        ("Hi Hat Opened", "open hat"),
        ("Hat Op Phaser", "open hat"),
        ("Open HH", "open hat"),
        ("crash16inch", "crash"),
        ("Crash Left", "crash"),
        ("Ride Bow (Custom, Zagrebin)", "ride"),
        ("Ride 2", "ride"),
        # between two classes, another way to strike, or none of the eight
        ("Hi-Hat Semiopen", None),
        ("Pedal HH", None),
        ("Side OHH", None),
        ("Hat Ring 1", None),
        ("Sabian Hat Choke", None),
        ("Ride Bell", None),
        ("ride-cup", None),
        ("Crash/Ride (Paiste Rude)", None),
        ("ride-crash20inch", None),
        ("Snare Roll", None),
        ("Stick (Custom Kick)", None),
        ("Djembe1 Bass", None),
        ("Cowbell", None),
        ("Customs", None),
        ("", None),
    ],
)
def test_names_of_instruments(name, label):
    assert classify(name) == label


def test_package_layout(kit, tmp_path):
    for i in range(6):
        kit(f"Kit {i}", f"Author {i}", modern=bool(i % 2))
    task = tasks.load("drums", tmp_path)
    assert task.classes == CLASSES
    assert len(CLASSES) == 8
    assert len(task.clips) == 3 * 8 * 2 + 3 * 8
    assert tasks.load("drums", tmp_path / INSTALLED).clips == task.clips


def test_an_authors_kits_are_held_out_together(kit, tmp_path):
    signed = ("emillo.net", "emillo <emillo@emillo.net>", "Emillo", "ArtemioLabs [http://a.com]", "Sineshine")
    others = ("Luc Tanguay/Bransin James Anderson", "Glen MacArthur", "Glen MacArthur")
    for i, author in enumerate(signed + others):
        kit(f"kit{i}", author)
    task = tasks.load("drums", tmp_path, folds=3)
    fold_of = {clip.path.parent.name: clip.fold for clip in task.clips}
    for together in (("kit0", "kit1", "kit2"), ("kit3", "kit4"), ("kit6", "kit7")):
        assert len({fold_of[name] for name in together}) == 1
    sizes = Counter(clip.fold for clip in task.clips)
    assert sorted(sizes) == [1, 2, 3]
    assert max(sizes.values()) <= 2 * min(sizes.values())


def test_a_kit_of_many_layers_does_not_outweigh(kit, tmp_path):
    kit("rich", "A", layers=40)
    kit("poor", "B", layers=1)
    task = tasks.load("drums", tmp_path, per_kit=4, folds=2)
    counts = Counter((clip.path.parent.name, clip.label) for clip in task.clips)
    assert {count for (name, _), count in counts.items() if name == "rich"} == {4}
    layers = [int(c.path.stem.split("_")[1]) for c in task.clips if c.path.name.startswith("0_")][1:]
    assert sorted(layers) == [0, 10, 20, 30]


def test_a_file_of_two_instruments_is_one_clip(kit):
    table = kit("kit", "A", ("Tom Hi", "Tom Mid"), layers=1)
    table.write_text(table.read_text().replace("1_0.wav", "0_0.wav"))
    _, sounds = read_kit(table)
    assert [path.name for path in sounds["tom"]] == ["0_0.wav"]


@pytest.mark.parametrize("outside", ["../other/0_0.wav", "/etc/passwd", "a/../../other/0_0.wav"])
def test_a_kit_cannot_reach_out_of_its_folder(kit, outside):
    kit("other", "B")
    table = kit("kit", "A", ("Kick",), layers=1)
    table.write_text(table.read_text().replace("0_0.wav", outside))
    with pytest.raises(TrainerError, match="lies outside the kit's folder"):
        read_kit(table)


def test_a_link_out_of_the_folder_is_refused(kit):
    other, table = kit("other", "B"), kit("kit", "A", ("Kick",), layers=1)
    (table.parent / "0_0.wav").unlink()
    (table.parent / "0_0.wav").symlink_to(other.parent / "0_0.wav")
    with pytest.raises(TrainerError, match="lies outside"):
        read_kit(table)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_any_encoding(tmp_path, encoding):
    bomb = '<!DOCTYPE k [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><drumkit_info>&b;</drumkit_info>'
    (tmp_path / "drumkit.xml").write_bytes(
        f'<?xml version="1.0" encoding="{encoding}"?>{bomb}'.encode(encoding)
    )
    with pytest.raises(TrainerError, match=r"drumkit\.xml: cannot be read .*declares a document type"):
        read_kit(tmp_path / "drumkit.xml")


@pytest.mark.parametrize("content", [b"", b"<drumkit_info>", b"\x00\x01", b"<a>&unknown;</a>"])
def test_broken_xml_is_named(tmp_path, content):
    (tmp_path / "drumkit.xml").write_bytes(content)
    with pytest.raises(TrainerError, match=r"drumkit\.xml: cannot be read as a drum kit"):
        read_kit(tmp_path / "drumkit.xml")


def test_xml_too_long_for_a_kit_is_not_parsed(tmp_path):
    (tmp_path / "drumkit.xml").write_bytes(b" " * (5 << 20))
    with pytest.raises(TrainerError, match="too long for a drum kit"):
        read_kit(tmp_path / "drumkit.xml")


def test_a_missing_sound_is_named(kit):
    table = kit("kit", "A")
    (table.parent / "0_1.wav").unlink()
    with pytest.raises(TrainerError, match=r"the sound '0_1\.wav' does not exist"):
        read_kit(table)


def test_kits_of_one_author_cannot_be_folded(kit, tmp_path):
    kit("a", "A")
    kit("b", "A")
    with pytest.raises(TrainerError, match="all clips are in fold 1"):
        tasks.load("drums", tmp_path)


@pytest.mark.parametrize(("setting", "value"), [("folds", 1), ("per_kit", 0)])
def test_settings_out_of_range(tmp_path, setting, value):
    with pytest.raises(TrainerError, match=f"drums: {setting} = {value}"):
        tasks.load("drums", tmp_path, **{setting: value})


def test_the_real_kits():
    package = debian.cache_folder() / "hydrogen-drumkits"
    if not package.is_dir():
        pytest.skip(f"Debian's hydrogen-drumkits is not at {package}; `make demo` puts it there")
    task = tasks.load("drums", package)
    assert task.classes == CLASSES
    assert task.fold_names == (1, 2, 3, 4, 5)
    sizes = Counter(clip.fold for clip in task.clips)
    assert max(sizes.values()) < 2 * min(sizes.values())
    assert Counter(clip.label for clip in task.clips).most_common()[-1][1] >= 15
