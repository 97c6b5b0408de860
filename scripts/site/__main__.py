"""Build the site of the documentation: ``python -m scripts.site`` writes it to ``build/site``."""

import shutil
import subprocess
import sys
from pathlib import Path

from scripts.site.gallery import write_gallery
from scripts.site.reference import write_reference
from scripts.site.stage import ROOT, stage

CONFIG = ROOT / "zensical.toml"
PAGES = ROOT / "build/docs"
"""What ``zensical.toml`` reads."""
SITE = ROOT / "build/site"


def build(config: Path = CONFIG) -> None:
    """Make the site from its pages; end with exit code 1 where a link leads nowhere."""
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "--config-file", str(config)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - ours
    if done.returncode != 0:
        sys.exit(f"{done.stdout}{done.stderr}error: the site was not built, see above")


def main() -> None:
    """Write the pages, and the site from them."""
    for folder in (PAGES, SITE):
        shutil.rmtree(folder, ignore_errors=True)
    stage(PAGES)
    write_reference(PAGES / "reference")
    write_gallery(PAGES / "gallery")
    build()
    sys.stdout.write(f"{SITE / 'index.html'}\n")


if __name__ == "__main__":
    main()
