"""A finished dataset: shards, the folder that holds them, its manifest, card and indexes."""
