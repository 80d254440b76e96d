"""Answers that were pinned: what each was, when its data was read, and how it is laid out."""
