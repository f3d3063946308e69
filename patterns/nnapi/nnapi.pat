# Each rule lifts a condition of NNAPI's delegate. They run behind those of packs that serve every runtime: some of what these
# join into one operator, NNAPI wants in parts.

pack nnapi "DeepLab, and what else NNAPI refuses, as operators that it takes, with the same results"
  serves nnapi
