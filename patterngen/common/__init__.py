"""What both programs stand on: settings, commands, progress bars, registries, tables, texts."""
