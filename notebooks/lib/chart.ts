// What all charts have in common. Each says with its label, for who does not see it, what there is to see.

import * as Plot from "@observablehq/plot";

/** Defined by the page for either colour scheme. */
export const THEORY = "var(--theory)";
export const LIMITED = "var(--limited)";
export const ENDLESS = "var(--endless)";
export const GOOD = "var(--good)";
export const BAD = "var(--bad)";
export const FAINT = "var(--faint)";

export type Chart = (SVGSVGElement | HTMLElement) & Plot.Plot;

export function chart(options: Plot.PlotOptions & { ariaLabel: string }): Chart {
  const made = Plot.plot({
    style: { fontSize: "12px", overflow: "visible" },
    // Colours are given as they are.
    color: { type: "identity" },
    marginTop: 28,
    marginBottom: 42,
    ...options,
  });
  const svg = made.matches("svg") ? made : made.querySelector("svg:not([class*=swatch])");
  svg?.setAttribute("role", "img");
  return made;
}
