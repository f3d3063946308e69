# What NNAPI takes is in shared tables of its delegate; each rule says which of its conditions it lifts.

pack nnapi "DeepLab, and what else NNAPI refuses, as operators that it takes, with the same results"
  serves nnapi
