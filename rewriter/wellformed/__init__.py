"""The graph check: what must be so in every model, whatever it computes."""

from rewriter.wellformed.check import complaints, examine, new_complaints
from rewriter.wellformed.complaint import RULES, Complaint

__all__ = ["RULES", "Complaint", "complaints", "examine", "new_complaints"]
