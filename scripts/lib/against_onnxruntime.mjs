// What scripts/against-onnxruntime does. Sliver's maps come from `sliver export --maps`, ONNX Runtime's values from
// onnxruntime.mjs; docs/onnxruntime.md says what is compared with what.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Oracle, Refusal, parseNpy, program, runtime } from './onnxruntime.mjs';

const kRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
/// Images of one call of sliver: maps of a VGG are 0.3 MB an image.
const kChunk = 50;
/// A code may differ where ONNX Runtime's float value lies so close to the middle between two codes, in steps.
const kTie = 1 / 1024;
/// Logits are equal when they differ by less than this part of the image's largest: float sums are rounded.
const kRounding = 4e-6;

// --- Sliver's side ---

/// Arrays of a .npz whose entries are not packed.
function readNpz(file) {
    const bytes = fs.readFileSync(file);
    const arrays = new Map();
    for (let at = 0; bytes.readUInt32LE(at) === 0x04034b50;) {
        const size = bytes.readUInt32LE(at + 18), name = bytes.readUInt16LE(at + 26), extra = bytes.readUInt16LE(at + 28);
        const start = at + 30 + name + extra;
        const title = bytes.toString('utf8', at + 30, at + 30 + name);
        arrays.set(title.replace(/\.npy$/, ''), parseNpy(bytes.subarray(start, start + size), title));
        at = start + size;
    }
    return arrays;
}

function sliverProgram() {
    const built = ['build/ci/sliver', 'build/release/sliver'].map((name) => path.join(kRoot, name)).find((file) => fs.existsSync(file));
    return process.env.SLIVER ?? built ?? 'sliver';
}

/// Maps of images [first, first + count) by `sliver export`.
function exportMaps(network, options, first, count, folder) {
    const out = path.join(folder, `maps-${first}.npz`);
    const words = ['export', network, '--maps', String(count), '--first', String(first), '--out', out, ...options];
    const run = spawnSync(sliverProgram(), words, { encoding: 'utf8' });
    if (run.error) throw new Refusal(`${sliverProgram()}: ${run.error.message}`);
    if (run.status !== 0) throw new Refusal(run.stderr.trim().split('\n').pop());
    const arrays = readNpz(out);
    fs.rmSync(out);
    const names = Buffer.from(arrays.get('node_names').values).toString('utf8').split('\n').slice(0, -1);
    return {
        channelsLast: arrays.get('channels_last').values[0] === 1,
        images: arrays.get('images'),
        nodes: names.map((name, id) => ({
            name,
            step: arrays.get('node_step').values[id],
            zero: arrays.get('node_zero').values[id],
            relu: arrays.get('node_relu').values[id] === 1,
            map: arrays.get(`map${String(id).padStart(3, '0')}`),
        })),
    };
}

// --- which value of the file is a node's map ---

/// Operators that Sliver takes into the node in front.
const kFolded = /^(BatchNormalization|Relu|Clip|Add|Sub|Mul|Div|QuantizeLinear|DequantizeLinear|Quant|Identity|Dropout|Cast)$/;

class Matcher {
    constructor(graph, names) {
        this.graph = graph;
        this.names = new Set(names);
        this.readers = new Map();
        const active = new Set(graph.inputs);
        for (const node of graph.nodes) {
            for (const name of node.inputs) this.readers.set(name, [...(this.readers.get(name) ?? []), node]);
            if (node.inputs.some((name) => active.has(name))) for (const name of node.outputs) active.add(name);
        }
        this.active = active;
    }

    /// The values from the named node's own to the last that is the same map: [{name, op}].
    chain(name) {
        const start = this.graph.nodes.find((node) => node.name === name) ?? this.graph.nodes.find((node) => node.outputs[0] === name);
        if (start === undefined && name !== this.graph.inputs[0] && name !== 'input') return [];
        const chain = [start === undefined ? { name: this.graph.inputs[0], op: 'input' } : { name: start.outputs[0], op: start.op }];
        for (;;) {
            const value = chain[chain.length - 1].name;
            const readers = this.readers.get(value) ?? [];
            const silu = readers.length === 1 && readers[0].op === 'Mul' && start?.op === 'Sigmoid' && readers[0].inputs.includes(start.inputs[0]);
            const [next] = readers;
            if (readers.length !== 1 || !kFolded.test(next.op) || this.names.has(next.name) || this.names.has(next.outputs[0])) return chain;
            if (!silu && next.inputs.filter((input) => this.active.has(input)).length !== 1) return chain;
            chain.push({ name: next.outputs[0], op: next.op, grid: next.op === 'QuantizeLinear' ? next.inputs.slice(1) : undefined });
        }
    }
}

/// What to ask ONNX Runtime for: {value} to compare with, {before} of it where it is rounded, and its {op}.
function target(chain, wide) {
    if (chain.length === 0) return null;
    const rounded = chain.findIndex(({ op }) => op === 'QuantizeLinear');
    if (rounded < 0) return { value: chain[chain.length - 1].name, before: null, op: chain[0].op, integers: /^QLinear|^QGemm/.test(chain[0].op) && chain.length === 1 };
    // Accumulators are what the file has rounded; its logits may be rounded, too.
    if (wide && rounded > 0) return { value: chain[rounded - 1].name, before: null, op: chain[0].op, step: chain[rounded].grid[0] };
    const last = chain[chain.length - 1];
    return { value: last.name, before: rounded > 0 ? chain[rounded - 1].name : null, op: chain[0].op, integers: last.op !== 'DequantizeLinear' };
}

// --- comparing ---

/// (height, width, channels) to (channels, height, width), where the file's map has the channels last.
function channelsFirst(values, tensorDims, [channels, height, width]) {
    const dims = tensorDims.slice(1);
    const last = channels > 1 && height * width > 1 && dims[dims.length - 1] === channels && dims[0] !== channels;
    if (!last) return values;
    const turned = new Float64Array(values.length);
    for (let c = 0; c < channels; ++c) for (let p = 0; p < height * width; ++p) turned[c * height * width + p] = Number(values[p * channels + c]);
    return turned;
}

class NodeTally {
    constructor(node, wanted) {
        Object.assign(this, { name: node.name, op: wanted?.op ?? '?', target: wanted, values: 0, differ: 0, ties: 0, largest: 0, first: null });
    }

    /// Counts image `number` of `node`; true where a code differs that no tie explains.
    add(number, node, index, result) {
        const dims = node.map.shape.slice(1), size = dims.reduce((a, b) => a * b, 1);
        const tensor = result[this.target.value];
        if (tensor.data.length !== size) {
            this.note = `has ${tensor.data.length} values in the file, ${size} here`;
            return;
        }
        const theirs = channelsFirst(tensor.data, tensor.dims, dims);
        const before = this.target.before === null ? null : channelsFirst(result[this.target.before].data, tensor.dims, dims);
        const ours = node.map.values, wide = ours instanceof Int32Array;
        this.wide = wide;
        let largestValue = 0;
        if (wide) for (const value of theirs) largestValue = Math.max(largestValue, Math.abs(Number(value)));
        const allowed = wide ? Math.max(0.5, kRounding * largestValue / node.step) : 0.5;
        for (let i = 0; i < size; ++i) {
            const code = ours[index * size + i];
            let real = Number(theirs[i]);
            if (this.target.integers) real = (real - node.zero) * node.step;
            else if (node.relu && real < 0) real = 0;
            const off = Math.abs(code - node.zero - real / node.step);
            // Steps of accumulators are too fine to tell anything: parts of the largest value.
            this.largest = Math.max(this.largest, wide ? off * node.step / largestValue : off);
            if (off <= allowed) continue;
            ++this.differ;
            this.first ??= number;
            if (before === null) continue;
            const place = Number(before[i]) / node.step;
            if (Math.abs(Math.abs(place - Math.trunc(place)) - 0.5) <= kTie) ++this.ties;
        }
        this.values += size;
    }
}

function argmax(values) {
    let best = 0;
    for (let i = 1; i < values.length; ++i) if (values[i] > values[best]) best = i;
    return best;
}

const percent = (part) => `${Number((100 * part).toPrecision(2))} %`;

function table(tallies) {
    const rows = [['node', 'operator', 'off by (steps; % of sums)', 'codes that differ', 'first image', 'ties']];
    for (const tally of tallies) {
        if (tally.target === null) rows.push([tally.name, '?', '', 'not a value of the file', '', '']);
        else if (tally.note) rows.push([tally.name, tally.op, '', tally.note, '', '']);
        else {
            const share = tally.differ === 0 ? 'none' : `${tally.differ} (${percent(tally.differ / tally.values)})`;
            rows.push([tally.name, tally.op, tally.wide ? percent(tally.largest) : tally.largest.toFixed(2), share, String(tally.first ?? ''), tally.differ === 0 ? '' : String(tally.ties)]);
        }
    }
    const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
    return rows.map((row) => row.map((word, column) => (column < 2 ? word.padEnd(widths[column]) : word.padStart(widths[column]))).join('  ').trimEnd()).join('\n');
}

async function main(words) {
    const options = [];
    let network, count = 16, strict = false, oracleFile;
    const value = (name) => {
        if (words.length === 0) throw new Refusal(`${name}: is without a value`);
        return words.shift();
    };
    while (words.length > 0) {
        const word = words.shift();
        if (word === '--count') count = Number(value(word));
        else if (word === '--strict') strict = true;
        else if (word === '--oracle') oracleFile = value(word);
        else if (word.startsWith('--')) options.push(word, value(word));
        else if (network === undefined) network = word;
        else throw new Refusal(`${word}: one network at a time`);
    }
    if (network === undefined) throw new Refusal('usage: against-onnxruntime NETWORK [--count N] [--strict] [--oracle FILE] [OPTIONS of sliver export]');
    if (!Number.isInteger(count) || count < 1) throw new Refusal('--count: must be a whole number from 1');
    runtime();  // says that it is not there before anything is computed
    const shipped = path.join(kRoot, 'networks', `${network}.onnx.gz`);
    const file = oracleFile ?? (fs.existsSync(network) ? network : shipped);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sliver-onnxruntime-'));
    try {
        return await compare({ network, file, options, count, strict, folder });
    } finally {
        fs.rmSync(folder, { recursive: true });
    }
}

async function compare({ network, file, options, count, strict, folder }) {
    let oracle, tallies, quantised;
    const seen = { exact: 0, equal: 0, explained: 0, apart: 0, predictions: 0, largest: 0, ties: 0 };
    for (let first = 0; first < count; first += kChunk) {
        const ours = exportMaps(network, options, first, Math.min(kChunk, count - first), folder);
        if (oracle === undefined) {
            const probe = await Oracle.open(file);
            const matcher = new Matcher(probe.graph, ours.nodes.map(({ name }) => name));
            tallies = ours.nodes.map((node) => new NodeTally(node, target(matcher.chain(node.name), node.map.values instanceof Int32Array)));
            quantised = probe.graph.nodes.some(({ op }) => /^(QuantizeLinear|QLinear.*|Quant|QGemm)$/.test(op));
            const values = tallies.flatMap(({ target: wanted }) => (wanted === null ? [] : [wanted.value, wanted.before, wanted.step].filter((name) => name && !probe.graph.inputs.includes(name))));
            oracle = await Oracle.open(file, { values });
        }
        for (let i = 0; i < ours.images.shape[0]; ++i) await one(first + i, i, ours);
    }
    async function one(number, index, ours) {
        const dims = ours.images.shape.slice(1), size = dims.reduce((a, b) => a * b, 1);
        let image = ours.images.values.slice(index * size, (index + 1) * size);
        if (ours.channelsLast) {
            const pixels = dims[1] * dims[2];
            image = Float32Array.from(image, (_, at) => image[(at % dims[0]) * pixels + Math.floor(at / dims[0])]);
        }
        const result = { ...(await oracle.run(image)), [oracle.input]: { data: image, dims: [1, ...oracle.shape.slice(1)] } };
        const ties = tallies.reduce((sum, tally) => sum + tally.ties, 0);
        ours.nodes.forEach((node, id) => tallies[id].target !== null && tallies[id].add(number, node, index, result));
        const last = ours.nodes[ours.nodes.length - 1];
        const classes = last.map.shape.slice(1).reduce((a, b) => a * b, 1);
        const logits = Array.from(last.map.values.slice(index * classes, (index + 1) * classes), (code) => (code - last.zero) * last.step);
        const theirs = Array.from(result[oracle.logits].data, Number);
        const scale = Math.max(...theirs.map(Math.abs)), off = Math.max(...logits.map((logit, c) => Math.abs(logit - theirs[c])));
        // Outputs of different weight steps were brought to one: half of it. A file may round logits whose sums Sliver leaves.
        const step = tallies[tallies.length - 1].target?.step;
        const rounding = (last.step + (step === undefined ? 0 : Number(result[step].data[0]))) / 2;
        seen.largest = Math.max(seen.largest, off / scale);
        const newTies = tallies.reduce((sum, tally) => sum + tally.ties, 0) - ties;
        seen.ties += newTies;
        if (off === 0) ++seen.exact;
        if (off <= kRounding * scale + rounding) ++seen.equal;
        else if (newTies > 0) ++seen.explained;
        else ++seen.apart;
        if (argmax(logits) !== argmax(theirs)) ++seen.predictions;
    }
    console.log(`${network}: ${count} images, ONNX Runtime ${oracle.version}, graph optimisations off\n`);
    console.log(table(tallies));
    console.log(`\nlogits: equal on ${seen.equal} of ${count} images (${seen.exact} to the last bit), largest difference ${seen.largest.toExponential(1)} of an image's largest logit`);
    if (quantised) console.log(`  ${seen.explained} differ behind a tie of ONNX Runtime's float rounding (${seen.ties} ties), ${seen.apart} without one`);
    console.log(`predictions: ${seen.predictions} differ`);
    return strict && seen.apart > 0 ? 1 : 0;
}

await program('against-onnxruntime', main);
