// Are the logits that lie here those that ONNX Runtime gives now? node check_logits.mjs NAME=MODEL ...
// One line for each that is not; the exit status says whether there was one. Float sums may differ between processors.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Oracle, Refusal, imageOf, program, readNpy } from '../../scripts/lib/onnxruntime.mjs';

const kFolder = path.dirname(fileURLToPath(import.meta.url));

async function main(words) {
    let wrong = 0;
    for (const word of words) {
        const [name, model] = word.split('=');
        const images = readNpy(path.join(kFolder, `${name}.images.npy.gz`)), logits = readNpy(path.join(kFolder, `${name}.logits.npy`));
        const oracle = await Oracle.open(path.join(kFolder, model));
        let off = 0, largest = 0;
        for (let i = 0; i < images.shape[0]; ++i) {
            const now = (await oracle.run(imageOf(images, i)))[oracle.logits].data;
            if (now.length * images.shape[0] !== logits.values.length) throw new Refusal(`${name}: ${now.length} logits of an image`);
            now.forEach((value, c) => {
                off = Math.max(off, Math.abs(value - logits.values[i * now.length + c]));
                largest = Math.max(largest, Math.abs(value));
            });
        }
        if (off <= 1e-5 * largest) continue;
        console.log(`${name}: logits differ from ONNX Runtime's by ${off}, of ${largest}`);
        ++wrong;
    }
    return wrong === 0 ? 0 : 1;
}

await program('check_logits', main);
