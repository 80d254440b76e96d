"""Files in, tables out: reading files, a person's workspace, the sample data."""
