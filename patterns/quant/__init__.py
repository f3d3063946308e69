"""The pack `quant`: steps and real values; functions that its rules call."""
