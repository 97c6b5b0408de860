"""The pre-training run: its settings, its steps, going on where it stopped."""
