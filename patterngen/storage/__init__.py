"""Where datasets lie: local folders and any fsspec URL, written whole or not at all."""
