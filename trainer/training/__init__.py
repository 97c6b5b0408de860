"""What every training needs: a device, an optimiser, averaged weights, ranks, signals, a log."""
