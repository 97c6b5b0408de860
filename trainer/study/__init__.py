"""Comparisons of many runs: encoders on a task, and settings of pre-training over a grid."""
