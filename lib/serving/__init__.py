"""What a server that runs for many people has to know of itself: who is let in, how much is used, what happened."""
