"""``trainer study``: a grid of datasets, recipes, seeds and tasks, with its table and its report."""

from trainer.study.study_config import StudyConfig


def run(config: StudyConfig) -> None:
    """Pre-train and test over a grid that a file plans, and report what it answers."""
    from trainer.study.shown import print_study
    from trainer.study.study import study

    print_study(study(config), config.out, json=config.json)
