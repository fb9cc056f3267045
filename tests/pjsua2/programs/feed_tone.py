"""Write a 1 kHz tone (8 kHz, 16 bit) into a FIFO for as long as somebody reads it.
usage: feed_tone.py FIFO"""

import math
import os
import struct
import sys

second = b"".join(
    struct.pack("<h", round(8000 * math.sin(2 * math.pi * i / 8))) for i in range(8000)
)
# For reading too: then neither opening nor a reader that goes away ends this.
fifo = os.open(sys.argv[1], os.O_RDWR)
while True:
    os.write(fifo, second)
