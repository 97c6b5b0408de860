"""What a masked autoencoder is asked for: pixels, a teacher's features, and agreement between two masks."""
