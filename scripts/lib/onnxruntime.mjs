// ONNX Runtime as an oracle: outputs of an ONNX file for images, and the values between, by name. For tests and
// scripts/against-onnxruntime; a program of its own, too:
//
//   node scripts/lib/onnxruntime.mjs MODEL.onnx[.gz] IMAGES.npy OUT.npy [--optimised]
//
// writes the logits of every image: the first output, or what goes into a Softmax at the end. IMAGES: plain or gzip, float32 or float64, images along the first axis, in the shape of the
// model's input without its batch (any shape with as many values will do). Images go in one by one: many files fix the batch at 1.
// Graph optimisations are off unless --optimised says so: with them ONNX Runtime replaces DequantizeLinear, Conv, QuantizeLinear
// by one integer node that rounds otherwise, and values between are gone.
//
// The runtime is the one that scripts/lib/fetch_onnxruntime pins; exit status 77 (of programs: "skipped") where it is not there.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const kSkipped = 77;
const kRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const kFolder = process.env.SLIVER_ONNXRUNTIME ?? path.join(kRoot, '.cache/onnxruntime');

/// A sentence for the person at the keyboard; no stack.
export class Refusal extends Error {}

/// Runs `main` and ends the program with its status; a Refusal is one line.
export async function program(name, main) {
    try {
        process.exitCode = await main(process.argv.slice(2));
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        console.error(`${name}: ${error.message}`);
        process.exitCode = error.status ?? 2;
    }
}

/// The pinned runtime and its version.
export function runtime() {
    const file = path.join(kFolder, 'versions.txt');
    if (!fs.existsSync(file)) {
        const refusal = new Refusal('SKIPPED: ONNX Runtime is not in .cache/onnxruntime (scripts/lib/fetch_onnxruntime brings it)');
        refusal.status = kSkipped;
        throw refusal;
    }
    const require = createRequire(path.join(kFolder, 'node_modules/onnxruntime-node/dist/'));
    return { ort: require('onnxruntime-node'), version: fs.readFileSync(file, 'utf8').split(/\s/)[1] };
}

// --- .npy ---

const kArrays = {
    '<f4': Float32Array, '<f8': Float64Array, '|u1': Uint8Array, '|i1': Int8Array, '<i2': Int16Array, '<i4': Int32Array,
    '<i8': BigInt64Array,
};

/// {shape, values} of the bytes of a .npy file.
export function parseNpy(bytes, source) {
    if (bytes.length < 10 || bytes.toString('latin1', 1, 6) !== 'NUMPY') throw new Refusal(`${source}: is not a .npy file`);
    const wide = bytes[6] > 1;
    const start = (wide ? 12 : 10) + (wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8));
    const header = bytes.toString('latin1', wide ? 12 : 10, start);
    const descr = /'descr': *'([^']*)'/.exec(header)?.[1];
    const shape = (/'shape': *\(([^)]*)\)/.exec(header)?.[1] ?? '').split(',').map((text) => text.trim()).filter(Boolean).map(Number);
    const type = kArrays[descr];
    if (type === undefined) throw new Refusal(`${source}: holds ${descr}; float32, float64 and integers are read`);
    if (/'fortran_order': *True/.test(header)) throw new Refusal(`${source}: is in Fortran order; save it in C order`);
    const count = shape.reduce((a, b) => a * b, 1);
    if (bytes.length - start < count * type.BYTES_PER_ELEMENT) throw new Refusal(`${source}: is cut short`);
    const copy = new Uint8Array(bytes.subarray(start, start + count * type.BYTES_PER_ELEMENT));
    return { shape, values: new type(copy.buffer) };
}

/// Of a file, plain or gzip.
export const readNpy = (file) => parseNpy(readUnpacked(file), file);

function readUnpacked(file) {
    if (!fs.existsSync(file)) throw new Refusal(`${file}: no such file`);
    const bytes = fs.readFileSync(file);
    return bytes[0] === 0x1f && bytes[1] === 0x8b ? zlib.gunzipSync(bytes) : bytes;
}

/// Writes float32.
export function writeNpy(file, shape, values) {
    const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
    const header = Buffer.from(text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + '\n', 'latin1');
    const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
    fs.writeFileSync(file, Buffer.concat([start, header, Buffer.from(Float32Array.from(values).buffer)]));
}

// --- the file's graph: the few fields of onnx.proto that are needed ---

/// Fields of a protobuf message: [number, wire type, value or bytes].
function* fields(bytes) {
    let at = 0;
    const varint = () => {
        let value = 0n;
        for (let shift = 0n; ; shift += 7n) {
            const byte = bytes[at++];
            if (byte === undefined) throw new Refusal('the file is cut short: it is no ONNX model');
            value |= BigInt(byte & 127) << shift;
            if (byte < 128) return value;
        }
    };
    while (at < bytes.length) {
        const tag = Number(varint()), wire = tag & 7;
        if (wire === 0) yield [tag >> 3, wire, varint()];
        else if (wire === 1 || wire === 5) {
            const size = wire === 1 ? 8 : 4;
            yield [tag >> 3, wire, bytes.subarray(at, at += size)];
        } else if (wire === 2) {
            const size = Number(varint());
            yield [tag >> 3, wire, bytes.subarray(at, at += size)];
        } else throw new Refusal('the file holds an unknown kind of field: it is no ONNX model');
    }
}

const texts = (bytes, number) => [...fields(bytes)].filter(([n]) => n === number).map(([, , text]) => text.toString('utf8'));

/// {nodes: [{name, op, inputs, outputs}], inputs, outputs, constants, input: dimensions of the first input (null: open)} of the
/// model's bytes.
export function readGraph(bytes) {
    const graph = { nodes: [], inputs: [], outputs: [], constants: new Set(), shapes: new Map() };
    for (const [number, wire, message] of fields(bytes)) {
        if (number !== 7 || wire !== 2) continue;
        for (const [part, , content] of fields(message)) {
            if (part === 1)
                graph.nodes.push({ name: texts(content, 3)[0] ?? '', op: texts(content, 4)[0] ?? '', inputs: texts(content, 1), outputs: texts(content, 2) });
            else if (part === 5) graph.constants.add(texts(content, 8)[0]);
            else if (part === 11) {
                graph.inputs.push(texts(content, 1)[0]);
                graph.shapes.set(texts(content, 1)[0], dimensions(content));
            } else if (part === 12) graph.outputs.push(texts(content, 1)[0]);
        }
    }
    graph.inputs = graph.inputs.filter((name) => !graph.constants.has(name));
    for (const node of graph.nodes) if (node.op === 'Constant') for (const name of node.outputs) graph.constants.add(name);
    return graph;
}

/// Dimensions of a ValueInfoProto: type (2), tensor type (1), shape (2), dim (1), dim_value (1).
function dimensions(info) {
    const inside = (bytes, number) => [...fields(bytes)].filter(([n, wire]) => n === number && wire === 2).map(([, , message]) => message);
    const shape = inside(info, 2).flatMap((type) => inside(type, 1)).flatMap((tensor) => inside(tensor, 2))[0];
    if (shape === undefined) return null;
    return inside(shape, 1).map((dim) => {
        const value = [...fields(dim)].find(([n, wire]) => n === 1 && wire === 0);
        return value === undefined ? null : Number(value[2]);
    });
}

/// The model with more of its values declared as outputs. Protobuf joins two messages of one field: what is appended here
/// becomes more `output`s of the same graph; the runtime finds their types itself.
export function withOutputs(bytes, names) {
    const field = (number, content) => {
        const head = [number << 3 | 2];
        for (let size = content.length; ; size >>>= 7) {
            head.push(size & 127 | (size > 127 ? 128 : 0));
            if (size <= 127) return Buffer.concat([Buffer.from(head), content]);
        }
    };
    return Buffer.concat([bytes, field(7, Buffer.concat(names.map((name) => field(12, field(1, Buffer.from(name, 'utf8'))))))]);
}

// --- running ---

/// The value that Sliver calls logits: the first output; in front of a Softmax, which it leaves out at the end.
export function logitsOf(graph) {
    let name = graph.outputs[0];
    for (let maker; (maker = graph.nodes.find((node) => node.outputs.includes(name))) && /^(Log)?Softmax$/.test(maker.op);)
        name = maker.inputs[0];
    return name;
}

export class Oracle {
    /// The model in `file`; `values`: names of values between that run() shall give too.
    static async open(file, { values = [], optimised = false } = {}) {
        const oracle = new Oracle();
        Object.assign(oracle, runtime());
        const model = readUnpacked(file);
        oracle.graph = readGraph(model);
        oracle.logits = logitsOf(oracle.graph);
        const more = [...new Set([...values, oracle.logits])].filter((name) => !oracle.graph.outputs.includes(name));
        const bytes = more.length === 0 ? model : withOutputs(model, more);
        const options = {
            graphOptimizationLevel: optimised ? 'all' : 'disabled',
            intraOpNumThreads: 1,  // sums in one order, on every machine
            interOpNumThreads: 1,
            logSeverityLevel: 3,
            // Products of 8-bit codes would be cut to 16 bits by processors without dot products of bytes.
            extra: { session: { x64quantprecision: '1' } },
        };
        try {
            // A model whose weights lie beside it can only be found by its name.
            oracle.session = await openSession(oracle.ort, file, bytes, options);
        } catch (error) {
            throw new Refusal(`${file}: ONNX Runtime ${oracle.version} does not take it: ${String(error.message).split('\n')[0]}`);
        }
        oracle.input = oracle.session.inputNames.find((name) => oracle.graph.inputs.includes(name)) ?? oracle.session.inputNames[0];
        oracle.shape = (oracle.graph.shapes.get(oracle.input) ?? []).map((extent, axis) => (axis === 0 ? 1 : extent));
        return oracle;
    }

    /// {name: tensor} for one image: Float32Array of the input's size.
    async run(image) {
        const known = this.shape.every((extent) => extent !== null) && this.shape.length > 0;
        const shape = known ? this.shape : [1, image.length];
        const size = shape.reduce((a, b) => a * b, 1);
        if (size !== image.length) throw new Refusal(`images have ${image.length} values, but the network's input has ${size} (${shape.join('x')})`);
        const result = await this.session.run({ [this.input]: new this.ort.Tensor('float32', image, shape) });
        return result;
    }
}

async function openSession(ort, file, bytes, options) {
    const beside = /external_data|\.data/.test(path.basename(file)) || fs.existsSync(`${file}.data`);
    if (!beside) return ort.InferenceSession.create(new Uint8Array(bytes), options);
    // The names of outputs are appended to a copy in the model's folder.
    const copy = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}`);
    fs.writeFileSync(copy, bytes);
    try {
        return await ort.InferenceSession.create(copy, options);
    } finally {
        fs.rmSync(copy, { force: true });
    }
}

/// Image `i` of a .npy array as float32.
export const imageOf = ({ shape, values }, i) => {
    const size = shape.slice(1).reduce((a, b) => a * b, 1);
    return Float32Array.from(values.subarray(i * size, (i + 1) * size), Number);
};

async function main(words) {
    const optimised = words.includes('--optimised');
    const [model, images, out, ...more] = words.filter((word) => word !== '--optimised');
    if (out === undefined || more.length > 0) throw new Refusal('usage: onnxruntime.mjs MODEL.onnx[.gz] IMAGES.npy OUT.npy [--optimised]');
    const array = readNpy(images);
    const oracle = await Oracle.open(model, { optimised });
    const rows = [];
    for (let i = 0; i < array.shape[0]; ++i) rows.push(Float32Array.from((await oracle.run(imageOf(array, i)))[oracle.logits].data, Number));
    const all = new Float32Array(rows.length * (rows[0]?.length ?? 0));
    rows.forEach((row, i) => all.set(row, i * row.length));
    writeNpy(out, [rows.length, rows[0]?.length ?? 0], all);
    return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await program('onnxruntime', main);
