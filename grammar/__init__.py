"""The grammar of the `.pat` language, `pat.lark`, as package data."""
