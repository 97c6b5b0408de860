"""``trainer transfer finetune``: encoders trained further on a task."""

from patterngen.terminal import print_line
from trainer.commands.evaluations import print_evaluations
from trainer.transfer.finetune import FinetuneConfig, transfer_finetune


def run(config: FinetuneConfig) -> None:
    """Fine-tune encoders on a task, beside the same training from random weights."""
    print_evaluations(transfer_finetune(config), config)
    if config.out is not None and not config.json:
        print_line(f"{config.out}/finetune: curves.png, and of each encoder confusion.png and mistakes.html")
