"""Weights from elsewhere: read without trust, renamed, fitted, each tensor accounted for."""
