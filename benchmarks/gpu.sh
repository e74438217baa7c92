#!/usr/bin/env bash
# Measures facemotion on a GPU, from the source tree, with nothing installed but torch and what training needs (further
# packages can lie in a folder that PYTHONPATH names):
#
#   bash benchmarks/gpu.sh [OUTPUT FOLDER]         at most eight minutes: the limits of the parts are 470 s together
#   bash benchmarks/gpu.sh --dry [OUTPUT FOLDER]   the same on the CPU with tiny networks: shows that every part runs
#
# Most important first; each part has a limit of time and writes what it has as it goes, so that a run that is cut off
# keeps its results. The last line says what is below target.
set -uo pipefail
cd "$(dirname "$0")/.."
export PYTHONPATH="$PWD:$PWD/cli:$PWD/benchmarks${PYTHONPATH:+:$PYTHONPATH}" PYTHONDONTWRITEBYTECODE=1
dry=0
if [ "${1:-}" = --dry ]; then dry=1; shift; fi
out=${1:-benchmarks/results/gpu}
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
begun=$SECONDS
failed=""

part() { # NAME SECONDS COMMAND...: run a part within its time, keep its output, go on whatever it says
    local name=$1 limit=$2 started=$SECONDS code=0
    shift 2
    echo "== $name"
    timeout --kill-after=5 "$limit" "$@" >"$out/$name.txt" 2>&1 || code=$?
    tail -n 6 "$out/$name.txt"
    if [ $code -eq 124 ] || [ $code -eq 137 ]; then echo "cut off after $limit s"; fi
    if [ $code -ne 0 ]; then failed="$failed $name"; fi
    echo "$name: exit $code after $((SECONDS - started)) s" | tee -a "$out/parts.txt"
}
tool() { python -c "from facemotion_cli.root import main; main()" "$@"; }
export -f tool

: >"$out/parts.txt"
short=(--preset compact --set training.generator_epochs=2 --set training.joint_epochs=4 --set training.joint_constant=2)
arms=(--folds 2 --seeds 0 --arms 'cnn;fmpn;guided')
if [ $dry -eq 1 ]; then
    tiny=(--set model.width=2 --set model.blocks=1 --set model.classifier=test_resnet --set data.resize=36 --set data.crop=32
        --set training.generator_batch=4 --set training.joint_batch=4)
    part versions 60 python -c 'import torch; print(torch.__version__, torch.get_num_threads(), "threads")'
    part tests 800 python -m pytest -q tests/gpu -p no:cacheprovider
    part train_step 900 python benchmarks/train_step.py --device cpu --tiny --output "$out/train_step.json"
    part profile 900 python benchmarks/profile_step.py --preset paper --device cpu --batches 2 "${tiny[@]}"
    part demo 900 bash -c "cd '$work' && tool demo --quick --work '$work/demo' --output '$work/report.html' --quiet"
    part ablation 900 python benchmarks/ablation.py --work "$work/ablation" --subjects 4 "${arms[@]}" "${short[@]}" \
        "${tiny[@]}" --set model.guided_stage=3 --output "$out/ablation.json"
else
    part versions 20 python -c 'import torch; print(torch.__version__, torch.version.cuda, torch.cuda.get_device_name())'
    part tests 100 python -m pytest -q tests/gpu -p no:cacheprovider
    part train_step 190 python benchmarks/train_step.py --device cuda --workers 12 --output "$out/train_step.json"
    part profile 40 python benchmarks/profile_step.py --preset paper --device cuda
    part demo 70 bash -c "cd '$work' && tool demo --quick --work '$work/demo' --output '$work/report.html' --quiet"
    part ablation 50 python benchmarks/ablation.py --device cuda --jobs 3 --work "$work/ablation" --subjects 6 "${arms[@]}" \
        "${short[@]}" --output "$out/ablation.json"
fi
echo "everything: $((SECONDS - begun)) s; failed or cut off:${failed:- nothing}" | tee -a "$out/parts.txt"
if [ $dry -eq 1 ]; then
    echo "below target: not asked, this was a dry run on the CPU" | tee -a "$out/parts.txt"
else
    python benchmarks/below_target.py "$out/train_step.json" | tee -a "$out/parts.txt"
fi
[ -z "$failed" ]
