"""What makes a finished dataset readable elsewhere: its card, its indexes, a way to the Hub."""
