"""The commands and programs of a page, found in its text, and what stands in for their large numbers."""

import re
import shlex
from dataclasses import dataclass

from tests.command_lines import COMMANDS
from tests.shallow import SHALLOW
from tests.test_documents import ROOT, SHELL

ELSEWHERE = ("s3://", "hf://", "ray", "mteb", "onnx", "examples/studies")
"""Begins what a step names that no test of a page has at hand, or that takes too long; then the step is only
understood. Tests elsewhere have buckets, the Hub, clusters, ONNX and studies."""
TOY = {
    "--batch-size": "4",
    "--count": "72",
    "--epochs": "1",
    "--image-size": "32",
    "--images": "8",
    "--model": SHALLOW,
    "--probe-seeds": "1",
    "--sample": "8",
    "--samples-per-shard": "12",
    "--shard-count": "4",
    "--size": "64",
    "--steps": "2",
    "--workers": "1",
}
"""What stands in place of the values of these flags."""
SMALL_MODEL = "--decoder-dim 16 --decoder-depth 1 --decoder-heads 4 --workers 0"
RECIPE = f"--model {SHALLOW} --batch-size 4 --no-compile"
ADDED = {
    "patterngen estimate": "--sample 8",
    "patterngen preview": "--count 2 --size 32",
    "patterngen render": "--size 64 --samples-per-shard 12",
    "patterngen verify": "--redraw 2",
    "trainer estimate": f"{SMALL_MODEL} --image-size 32 --measured-steps 1",
    "trainer pretrain": f"{SMALL_MODEL} --image-size 32",
    "trainer compare": "--epochs 1 --probe-seeds 1",
    "trainer sweep": f"{SMALL_MODEL} --image-size 32",
    "trainer transfer finetune": "--epochs 1 --seeds 1",
    "trainer transfer probe": "--seeds 1 --protocol knn",
}
"""What commands are given besides, where the page leaves it at its default."""


@dataclass(frozen=True)
class Step:
    """One thing that a page asks for: the words of a command, or a Python program."""

    words: tuple[str, ...] = ()
    code: str = ""

    @property
    def is_elsewhere(self) -> bool:
        """Whether it needs what is not at hand."""
        if "--dry-run" in self.words:
            return False
        return any(word.startswith(ELSEWHERE) for word in (*self.words, *re.findall(r"[\w:/]+", self.code)))

    @property
    def shown(self) -> str:
        """The step as one reads it."""
        return shlex.join(self.words) or self.code


def steps_of(page: str) -> list[Step]:
    """Return what a page asks for, in its order: commands of ours, and blocks of Python."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = []
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if language == "python":
            found.append(Step(code=block))
        elif language in SHELL:
            lines = block.replace("\\\n", " ").splitlines()
            every = [tuple(shlex.split(line, comments=True)) for line in lines]
            found += [Step(words) for words in every if words and words[0] in COMMANDS]
    return found


def toy_code(code: str) -> str:
    """Return a program that makes a small model in place of a large one."""
    return code.replace('"vit_base_patch16_224"', '"vit_tiny_patch16_224", img_size=32')


def toy(words: tuple[str, ...], home: str) -> list[str]:
    """Return a command with small numbers in place of large ones, and folders of `home` for any others."""
    small = [re.sub(r"^(~|/shared|/local)(?=/)", home, word) for word in words]
    new_programs = small[1:3] == ["shaders", "new"]
    for place, word in enumerate(small[1:], 1):
        flag = small[place - 1]
        if flag == "--over":  # of several values the first
            small[place] = word.partition(",")[0]
        elif flag == "--layers":  # of two blocks
            small[place] = re.sub(r"\d+", lambda number: str(1 + (int(number[0]) > 6)), word)
        elif flag == "--count" and new_programs:
            small[place] = "3"
        elif flag != "--size" or "x" not in word:
            small[place] = TOY.get(flag, word)
    if small[1:3] == ["shaders", "check"] and (len(small) == 3 or small[3].startswith("--")):
        small.insert(3, "my-shaders")  # the whole library takes minutes
    for command, more in ADDED.items():
        if f"{' '.join(small)} ".startswith(f"{command} "):
            flags = more.split()
            pairs = zip(flags[::2], flags[1::2], strict=True)
            small += [word for pair in pairs if pair[0] not in small for word in pair]
    if "--init" in small and "published" in small:  # a width that the published layout knows
        small[small.index("--model") + 1] = "vit_tiny"
    if "--config" in small and small[0] == "trainer" and "transfer" not in small:
        recipe = (ROOT / small[small.index("--config") + 1]).read_text(encoding="utf-8")
        length = "--steps 2" if "\nsteps:" in recipe else "--epochs 1 --warmup-epochs 0.5"
        small += [*RECIPE.split(), *length.split()]
    return small
