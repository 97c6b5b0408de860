"""Encoders as files and in use: checkpoints, imported weights, adaptation to sound, embeddings, exports."""
