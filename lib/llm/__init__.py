"""Everything that talks to a language model, always over OpenAI-compatible HTTP."""
