"""Fine-tuning: the whole encoder learns the task, from pre-trained or from random weights."""

from trainer.transfer.finetune.command import finetune_task, transfer_finetune
from trainer.transfer.finetune.config import FinetuneConfig, FinetuneProtocol

__all__ = ["FinetuneConfig", "FinetuneProtocol", "finetune_task", "transfer_finetune"]
