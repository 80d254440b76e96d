"""Spark Connect: the same queries on Apache Spark or Sail, where the data is more than one machine holds.

Only what is imported lazily from here imports pyspark, so that nobody needs it who does not set ENGINE_URL.
"""
