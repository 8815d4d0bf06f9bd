#!/usr/bin/python3
"""What became of a Slurm job, as Snakemake asks: running, success or failed. One argument: the job's number."""
import re
import subprocess
import sys

GOING = {"PENDING", "RUNNING", "CONFIGURING", "COMPLETING", "SUSPENDED", "REQUEUED", "RESIZING", "STAGE_OUT", "SIGNALING"}


def state(job):
    """scontrol knows jobs of the last minutes without any accounting; sacct those before, where a site keeps them."""
    shown = subprocess.run(["scontrol", "show", "job", job], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    found = re.search(r"JobState=(\w+)", shown.stdout)
    if found:
        return found.group(1)
    kept = subprocess.run(["sacct", "-j", job, "-X", "-n", "-o", "State%20"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True)
    words = kept.stdout.split()
    return words[0] if words else "UNKNOWN"


def main():
    now = state(sys.argv[1])
    print("success" if now == "COMPLETED" else "running" if now in GOING else "failed")


main()
