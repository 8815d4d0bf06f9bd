// draw_figures.js REPORT.html FOLDER: what scripts/figures does once it has found node.
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const kMark = "<!-- figure of sliver report -->\n"; // how a figure of ours is known again
const kWidth = 440; // of the plot alone; with axis and legend about the text width of a page with one column

function refuse(text) {
    process.stderr.write(`figures: ${text}\n`);
    process.exit(2);
}

// The scripts of one class in the page: attributes and content. The page holds no other "</script" than their ends.
function scripts(page, kind) {
    const pattern = new RegExp(`<script ([^>]*class="${kind}"[^>]*)>([^]*?)</script>`, "g");
    return [...page.matchAll(pattern)].map(([, attributes, content]) => ({ attributes, content }));
}

async function draw(spec) {
    spec.width = kWidth;
    // The file grows around a wide legend; a page would shrink the plot.
    spec.autosize = { type: "pad" };
    const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none" });
    const svg = await view.toSVG();
    // Not every program that sets papers knows the page's way to say black.
    return kMark + svg.replaceAll("currentColor", "#000000") + "\n";
}

// A file that is there is replaced only where it is a figure of ours; a link is followed.
function placeFor(file) {
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (!stat) {
        if (fs.lstatSync(file, { throwIfNoEntry: false })) refuse(`${file}: is a link to nothing; remove it`);
        return file;
    }
    if (!stat.isFile()) refuse(`${file}: exists and is not a file`);
    if (stat.size > 0 && !fs.readFileSync(file, "utf8").startsWith(kMark))
        refuse(`${file}: is no figure that scripts/figures made; move it away, or name another folder`);
    return fs.realpathSync(file);
}

function write(place, text) {
    const random = crypto.randomBytes(16).toString("hex");
    const aside = path.join(path.dirname(place), `.${path.basename(place)}.sliver-${random}`);
    const file = fs.openSync(aside, "wx");
    try {
        fs.writeSync(file, text);
        fs.fsyncSync(file);
        fs.closeSync(file);
        fs.renameSync(aside, place);
    } catch (error) {
        fs.rmSync(aside, { force: true });
        throw error;
    }
}

async function main([report, folder]) {
    const page = fs.readFileSync(report, "utf8");
    // vega-embed, the third, only puts charts into pages.
    const bundles = scripts(page, "vega-bundle").filter(({ attributes }) => !attributes.includes("vega-embed"));
    const charts = scripts(page, "chart");
    if (charts.length === 0) refuse(`${report}: holds no charts: is it a file of sliver report?`);
    if (bundles.length === 0) refuse(`${report}: has no Vega bundles: build sliver with them (scripts/lib/fetch_vega), report again`);
    for (const { content } of bundles) vm.runInThisContext(content);
    fs.mkdirSync(folder, { recursive: true });
    const figures = charts.map(({ attributes, content }) => {
        const file = path.join(folder, `${/data-chart="([a-z0-9-]+)"/.exec(attributes)[1]}.svg`);
        return { file, place: placeFor(file), content };
    });
    for (const { file, place, content } of figures) {
        write(place, await draw(JSON.parse(content)));
        console.log(file);
    }
}

main(process.argv.slice(2)).catch((error) => refuse(error.message.split("\n")[0]));
