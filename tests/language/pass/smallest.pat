CUSTOM[Convolution2DTransposeBias](x, w, b) -> ADD(TRANSPOSE_CONV(x, w), b)
