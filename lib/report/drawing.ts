import type * as Plot from '@observablehq/plot';
import { Markup, escapeHtml } from './html.js';

/** Draws static SVG by Observable Plot on a document of its own; nothing of it is loaded before a report is made. */
export interface Drawing {
  readonly plot: typeof Plot;
  /** The picture, scaled by its viewBox; `description` says in words what it shows. */
  render(options: Plot.PlotOptions, description: string): Markup;
}

/** Loads the plotting library and the document it draws on. */
export async function openDrawing(): Promise<Drawing> {
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')]);
  const { document } = parseHTML('<!doctype html><html><body></body></html>') as unknown as { readonly document: object };
  return {
    plot,
    render(options, description) {
      const svg = plot.plot({ ...options, document }) as unknown as DrawnElement;
      for (const element of svg.querySelectorAll('*')) simplify(element);
      const viewBox = escapeHtml(svg.getAttribute('viewBox') ?? '');
      return new Markup(`<svg class="plot" role="img" aria-label="${escapeHtml(description)}" viewBox="${viewBox}" text-anchor="middle">${svg.innerHTML}</svg>`);
    },
  };
}

/** What is used here of the DOM, whose types the library doesn't compile against. */
interface DrawnElement {
  readonly localName: string;
  readonly innerHTML: string;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
  querySelectorAll(selector: string): Iterable<DrawnElement>;
}

const COORDINATES = ['d', 'x', 'y', 'x1', 'x2', 'y1', 'y2', 'width', 'height', 'transform'];

/** Drops the library's style sheet, the labels of inner groups (the picture has one), and digits that no screen can show. */
function simplify(element: DrawnElement): void {
  if (element.localName === 'style') {
    element.remove();
    return;
  }
  element.removeAttribute('aria-label');
  for (const name of COORDINATES) {
    const value = element.getAttribute(name);
    if (value !== null) element.setAttribute(name, value.replace(/-?\d+\.\d{2,}/g, (number) => String(Math.round(Number(number) * 10) / 10)));
  }
}
