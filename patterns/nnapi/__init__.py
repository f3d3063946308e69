"""The pack `nnapi`: what NNAPI refuses, as operators that it takes. All of it is rules; no rule needs a function."""
