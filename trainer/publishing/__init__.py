"""Encoders for others: a folder with a card, and its way to the Hub."""
