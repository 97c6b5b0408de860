"""``trainer embed``: a folder of clips as a table of vectors."""

from patterngen.terminal import print_json, print_line
from trainer.encoders.embed import EmbedConfig, embed_folder


def run(config: EmbedConfig) -> None:
    """Turn a folder of clips into a parquet of vectors."""
    clips = embed_folder(config)
    if config.json:
        print_json({"out": config.out, "clips": clips})
    else:
        print_line(f"{config.out}: {clips} clips")
