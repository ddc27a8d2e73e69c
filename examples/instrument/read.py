"""Reads the multimeter by PyVISA: `read.py ADDRESS`."""

import sys

import pyvisa

with pyvisa.ResourceManager("@py").open_resource(f"TCPIP::{sys.argv[1]}::INSTR") as meter:
    print(meter.query("*IDN?").strip())
    print(f"{float(meter.query('MEAS:VOLT?')):.3f} V")
    meter.write("FORM INT,32;:DATA:POIN 64")
    wave = meter.query_binary_values("CURV?", datatype="i", is_big_endian=True)
    print(f"{len(wave)} points from {min(wave)} to {max(wave)} µV")
