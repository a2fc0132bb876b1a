"""Time as one more adapter: the clock, and the cadence presets as data."""
