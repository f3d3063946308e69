"""The stock packs, installed as `rewriter.patterns`. Each registers itself as any other pack does."""
