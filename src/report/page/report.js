// Draws every chart of the page in its frame. What cannot be drawn says so in its place.
"use strict";
for (const script of document.querySelectorAll("script.chart")) {
    const plot = script.parentElement.querySelector(".plot");
    const options = {
        mode: "vega-lite",
        renderer: "svg",
        // No link to an editor in the net; the PNG would lack the page's colours.
        actions: { export: { svg: true, png: false }, source: false, compiled: false, editor: false },
        downloadFileName: script.dataset.chart,
        tooltip: { disableDefaultStyle: true },
    };
    vegaEmbed(plot, JSON.parse(script.textContent), options).catch((error) => {
        const failure = document.createElement("p");
        failure.className = "failure";
        failure.textContent = `This chart cannot be drawn: ${error.message}`;
        plot.replaceChildren(failure);
        console.error(error);
    });
}
