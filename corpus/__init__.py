"""Archive and other Korean text to Parquet shards: normalised, syllable-mapped, split by document."""
