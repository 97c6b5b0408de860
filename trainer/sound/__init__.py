"""From audio files and waveforms to log-mel spectrograms."""
