"""Conversations: their turns, how they are answered, and what is said about a result."""
