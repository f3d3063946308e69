"""Benchmarks: models of any size, and what reading, rewriting and writing them costs. Run by `make bench`."""
