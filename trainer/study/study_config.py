"""Settings of `trainer study`: apart, so that who asks for help need not wait for torch."""

from dataclasses import dataclass

from tyro.conf import Positional

from trainer.study.part import PartConfig


@dataclass(frozen=True, kw_only=True)
class StudyConfig(PartConfig):
    """Settings of `study`."""

    file: Positional[str]
    """YAML file of the study; examples/studies holds some, and docs/studies.md says what may stand in it."""
    out: str
    """Folder of the study: runs, table.csv, report.html and report.md. Run again, it goes on."""
    root: tuple[str, ...] = ()
    """Folder of a task's clips, NAME=FOLDER."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1 …"""
    json: bool = False
    """Print the rows of the table as JSON."""
