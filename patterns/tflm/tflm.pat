pack tflm "TensorFlow Lite Micro and small accelerators: operators that they have, in sizes that they hold, with notes for them"
  serves tflm
