"""Choosing pictures by what the manifest says of them: keep-lists and repacked datasets."""
