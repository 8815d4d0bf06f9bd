#!/usr/bin/env bash
# A one-node Slurm on loopback runs a sweep of 24 points through scripts/cluster, is cut off in the middle of its jobs, goes on,
# and ends with the very results of a sweep on this machine.
#
#   cluster_slurm.sh SLIVER     exit code 77: skipped, with the reason
set -euo pipefail
sliver="$1"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"

skip() {
    echo "skipped: $*"
    exit 77
}
[ "$(id -u)" -eq 0 ] || skip "starting Slurm and munge takes root"
for command in snakemake sbatch slurmctld slurmd munged; do
    command -v "$command" >/dev/null || PATH="$PATH:/usr/sbin:/sbin" command -v "$command" >/dev/null ||
        skip "$command is not installed (scripts/setup --cluster installs it)"
done
[ -e /usr/share/datasets/fashion-mnist ] || skip "Fashion-MNIST is not installed"
PATH="$PATH:/usr/sbin:/sbin"

work="$(mktemp -d /tmp/sliver-slurm-XXXXXX)"
stop() {
    local code=$?
    set +e
    [ -z "${runner:-}" ] || kill -9 -- "-$runner" 2>/dev/null
    [ ! -e "$work/slurm.conf" ] || SLURM_CONF="$work/slurm.conf" scancel --user=root 2>/dev/null
    for daemon in slurmd slurmctld munged; do
        [ ! -e "$work/$daemon.pid" ] || kill -9 "$(cat "$work/$daemon.pid")" 2>/dev/null
    done
    if [ "$code" -ne 0 ] && [ "$code" -ne 77 ]; then
        for log in "$work"/*.log "$work"/*.out; do
            echo "--- $log"
            tail -n 15 "$log"
        done
    fi
    rm -rf "$work"
    exit "$code"
}
trap stop EXIT

fail() {
    echo "FAILED: $*"
    exit 1
}

# --- one node, ports of this process, a munge of its own ---------------------------------------------------------------------
host="$(hostname -s)"
port=$((20000 + $$ % 20000))
mkdir -p "$work/state" "$work/spool"
chmod 700 "$work"
dd if=/dev/urandom of="$work/munge.key" bs=1 count=1024 2>/dev/null
chmod 400 "$work/munge.key"
munged --force --socket="$work/munge.socket" --key-file="$work/munge.key" --pid-file="$work/munged.pid" \
    --log-file="$work/munged.log" --seed-file="$work/munge.seed" || skip "munged does not start here"
cat >"$work/slurm.conf" <<CONF
ClusterName=sliver
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CryptoType=crypto/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=1500 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$work/slurm.conf"
slurmctld || skip "slurmctld does not start here"
slurmd || skip "slurmd does not start here"
for _ in $(seq 60); do
    ! sinfo --noheader --format=%T 2>/dev/null | grep -q '^idle' || break
    sleep 0.5
done
sinfo --noheader --format=%T | grep -q '^idle' || skip "the node of this Slurm does not come up here"

# --- the sweep: 24 points by 4 simulations -----------------------------------------------------------------------------------
cat >"$work/sweep.yaml" <<SWEEP
name: cluster
fixed: {chip: isaac, network: vgg11-fashion-bitslice}
axes:
  adc: [6, worst-case]
  adc.arrays_per_adc: [1, 2]
  adc.law: [isaac, isaac-silicon, saberi, puma, neurosim-sar, zigzag]
scenarios: [adc.law]
objectives: [energy_per_image_j, latency_s]
SWEEP
finished() { find "$1/points" -maxdepth 1 -name '[0-9a-f]*' 2>/dev/null | wc -l; }
through_slurm() {
    "$root/scripts/cluster/run" "$work/sweep.yaml" --out "$work/slurm" --profile slurm --sliver "$sliver" -- \
        --default-resources mem_mb=500 runtime=10 --latency-wait 5
}

"$sliver" sweep "$work/sweep.yaml" --out "$work/local" >"$work/local.out" 2>&1 || fail "the local sweep"
[ "$(finished "$work/local")" -eq 24 ] || fail "the local sweep has $(finished "$work/local") points"

set -m
through_slurm >"$work/first.out" 2>&1 &
runner=$!
set +m
for _ in $(seq 1200); do
    [ "$(finished "$work/slurm")" -lt 6 ] || break
    kill -0 "$runner" 2>/dev/null || fail "the workflow ended before it could be cut off"
    sleep 0.05
done
for _ in $(seq 100); do
    running="$(squeue --noheader --states=RUNNING --format=%i | wc -l)"
    [ "$running" -eq 0 ] || break
    sleep 0.1
done
[ "$running" -gt 0 ] || fail "no job was running when it should have been cut off"
kill -9 -- "-$runner"
wait "$runner" 2>/dev/null || true
runner=""
scancel --signal=KILL --full --user=root
scancel --user=root
for _ in $(seq 100); do
    [ -n "$(squeue --noheader)" ] || break
    sleep 0.2
done
cut="$(finished "$work/slurm")"
[ "$cut" -lt 24 ] || fail "everything was finished before the jobs were killed"
echo "cut off with $cut of 24 points and $running jobs running"

through_slurm >"$work/second.out" 2>&1 || fail "the second run of the workflow"
for file in results.csv results.sqlite sweep.json sweep.txt; do
    cmp "$work/local/$file" "$work/slurm/$file" || fail "$file differs from the local sweep's"
done
diff -r "$work/local/points" "$work/slurm/points" || fail "points differ from the local sweep's"
echo "24 points through Slurm, cut off and resumed: the same bytes as on this machine"
