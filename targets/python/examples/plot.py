"""Plots the history of a sensor: ``python plot.py tcp://sensor.local:20049 history.png``."""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pandas

import oncilla_rpc as oncilla

with oncilla.connect(sys.argv[1]) as device:
    samples = pandas.DataFrame(oncilla.rows(device.sensor.history(8)))

if samples.empty:
    sys.exit("the sensor has stored no measurements")
samples["celsius"] = samples["value"] / 1000
samples.plot(x="time", y="celsius", xlabel="ms", ylabel="°C", legend=False)
plt.savefig(sys.argv[2])
plt.close("all")
print(samples["celsius"].max())
