# The public names of the library, each said here once, by what one does with them.
# ruff: noqa: I001 - in the order of their use

# Learn from pictures, and look at what came of it.
from .pretraining.config import PretrainConfig as PretrainConfig
from .pretraining.pretrain import pretrain as pretrain
from .pretraining.run_summary import summarise_run as summarise_run

# The model alone.
from .model.encoder import build_encoder as build_encoder
from .model.config import MaskedAutoencoderConfig as MaskedAutoencoderConfig
from .model.mae import MaskedAutoencoder as MaskedAutoencoder

# Make an encoder of pictures one of sound, and turn sound into vectors.
from .sound.logmel import LogMel as LogMel
from .publishing.export import ExportConfig as ExportConfig
from .publishing.export import export as export
from .encoders.feature import Feature as Feature
from .encoders.adapt import adapt_to_sound as adapt_to_sound
from .encoders.encoder import Encoder as Encoder
from .encoders.encoder import load as load
from .encoders.shipped import list_encoders as list_encoders

# Evaluate encoders on a task.
from .transfer.probe import transfer_probe as transfer_probe
from .transfer.probe_config import ProbeConfig as ProbeConfig
from .transfer.finetune import FinetuneConfig as FinetuneConfig
from .transfer.finetune import transfer_finetune as transfer_finetune

# What may go wrong; the rest is in `patterngen`.
from .errors import TrainerError as TrainerError
