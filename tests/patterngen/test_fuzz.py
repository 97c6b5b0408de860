"""Whatever a file of a stranger holds, it is read or refused in words (`tests/fuzzing.py`)."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pytest

from patterngen import FilterConfig, filter_dataset, open_dataset, select
from patterngen.common.config import load_config
from patterngen.dataset.stats import dataset_stats
from patterngen.encode import Encoding, decode, encode
from patterngen.filtering.histogram import read_histogram
from patterngen.filtering.where import parse_where
from patterngen.jobs.spec import DatasetSpec
from patterngen.jobs.verify import VerifyConfig, verify
from patterngen.publishing.publish import PublishConfig, publish_folder
from patterngen.shaders.language.program import read_programs
from patterngen.shaders.language.translate import DEFAULT, translate
from tests.drawn import draw
from tests.fuzzing import Kind, each, fuzz


def keep(folder):
    """Write a keep-list by every way of choosing."""
    return filter_dataset(
        FilterConfig(
            dir=str(folder), where="tv < 1 and family != 'x'", equal="tv", out=f"{folder}/list.parquet"
        )
    )


look_at_set = each(
    lambda path: [picture.pixels for picture in open_dataset(str(path.parent))],
    lambda path: verify(VerifyConfig(dir=str(path.parent), redraw=1)),
    lambda path: dataset_stats(str(path.parent)),
    lambda path: keep(path.parent),
    lambda path: publish_folder(PublishConfig(dir=str(path.parent))),
)


def translate_all(path):
    return [translate(program, DEFAULT) for program in read_programs(path)]


def choose(path):
    text = path.read_text(errors="replace")
    return parse_where(text, TABLE.column_names).holds(TABLE)


TABLE = pa.table({"tv": [0.1, 0.2], "family": ["perlin", "fbm"], "class_id": [0, 1]})
CONDITION = "tv < 0.15 * 2 and not (family in ('fbm', 'x') or class_id != -1) or 0 <= class_id < 2"
PIXELS = np.random.default_rng(0).integers(0, 255, (9, 8, 3), dtype=np.uint8)
PICTURES = [encode(PIXELS, Encoding(format=kind)) for kind in ("jpg", "png", "webp")]
PATTERN = """// SPDX-License-Identifier: CC0-1.0
vec3 pattern(vec2 p, float t, vec4 r) { return vec3(p, r.x); }
"""
TOY = """#define N 3
void mainImage(out vec4 c, in vec2 p) { for (int i = 0; i < N; i++) c += vec4(p.xyxy); }
"""
ISF = """/*{"ISFVSN": "2", "INPUTS": [{"NAME": "a", "TYPE": "float", "MIN": 0, "MAX": 1, "DEFAULT": 0.5},
{"NAME": "c", "TYPE": "color"}], "PASSES": [{"TARGET": "b", "PERSISTENT": true, "WIDTH": "$WIDTH/2"}]}*/
void main() { gl_FragColor = IMG_NORM_PIXEL(b, isf_FragNormCoord) * a + c; }
"""
IMAGE = {"inputs": [], "outputs": [{"id": 37, "channel": 0}], "code": TOY, "type": "image", "name": "Image"}
EXPORTED = json.dumps([{"ver": "0.1", "info": {"id": "XyZ", "name": "n"}, "renderpass": [IMAGE]}])
GIVEN_UP = '{"name": "a", "digest": "' + "0" * 64 + '", "reason": "slow"}\n'
BINS = "tv_min,tv_max,share\n0,0.1,0.5\n0.1,1,0.5\n"

KINDS = (
    Kind("set/train-000000.tar", look_at_set),
    Kind("set/train-000000.parquet", look_at_set),
    Kind("set/train-000000_stats.json", look_at_set),
    Kind("set/classes.json", look_at_set, examples=6),
    Kind("set/shards.json", look_at_set, examples=6),
    Kind("set/quarantine.jsonl", look_at_set, [GIVEN_UP.encode()], 6),
    Kind("set/job.yaml", lambda path: load_config(path, DatasetSpec).mixture),
    Kind("set/keep.parquet", lambda path: select(str(path.parent), keep=path.name)),
    Kind("bins.csv", lambda path: read_histogram(str(path)), [BINS.encode()]),
    Kind("where.txt", choose, [CONDITION.encode()], 60),
    Kind("picture", lambda path: decode(path.read_bytes()), PICTURES, 50),
    Kind("a.glsl", translate_all, [PATTERN.encode(), TOY.encode()], 40),
    Kind("a.fs", translate_all, [ISF.encode()], 40),
    Kind("a.json", translate_all, [EXPORTED.encode()], 30),
)


@pytest.fixture(scope="module")
def sound_files(tmp_path_factory):
    """A folder with a dataset in it, and a keep-list in that."""
    folder = tmp_path_factory.mktemp("sound")
    draw(folder / "set", count=2, size=8)
    filter_dataset(FilterConfig(dir=f"{folder}/set", tv_min=0.0, out=f"{folder}/set/keep.parquet"))
    return folder


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_file_of_a_stranger(kind, sound_files, tmp_path):
    fuzz(kind, shutil.copytree(sound_files, tmp_path / "files"))
