"""The commands of ``trainer``, one file each: its settings, one call, and how the result is printed."""
