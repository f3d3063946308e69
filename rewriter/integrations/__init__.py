"""Converters as hosts: what each makes is rewritten before it is handed on.

One module for each host, which imports the host only when it is called.
"""
