"""The language server for `.pat` files.

An editor asks while its text is half written, when there is no syntax tree. So everything but the errors is answered
from the tokens: `tokens` cuts a text into them, `items` these into rules and declarations, `brackets` says of every
token what it stands in, and `names` what the names of a rule are bound to. The errors are the checker's own
(`problems`). Only `server` and `messages` know the protocol.
"""
