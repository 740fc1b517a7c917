import type { BackdoorFacts } from '../run/records.js';
import type { Drawing } from './drawing.js';
import { type Markup, html } from './html.js';
import { percentOf } from './numbers.js';
import type { Panels } from './panels.js';
import { drawPicture } from './picture.js';
import { type RunGroup, outcomeOf } from './summary.js';

/** Groups whose triggered images are shown, at most. */
const MOST_GROUPS = 24;

/** How often the backdoor works, over the rounds; undefined when no attack plants one. */
export function drawBackdoor(drawing: Drawing, layout: Panels, source: string | undefined): Markup | undefined {
  const groups = layout.panels.flatMap((panel) => panel.members.map((member) => member.group));
  const published = groups.some((group) => group.publishedBackdoorSuccess !== undefined);
  return drawPicture(drawing, layout, {
    quantity: 'Backdoor success',
    strips: [{ name: '', pick: (record) => record.backdoorSuccess }],
    axis: { label: 'backdoor success (%)', domain: [0, 100], scale: 'linear', percent: true },
    band: true,
    reference: (group) => group.publishedBackdoorSuccess,
    caption: html`The share of triggered images that the shared model answers to as the attacker wants, after so many rounds: \
of the test images whose class is not that answer already, or of the chosen training images where these are the trigger.
      ${published ? `A diamond at the right edge is what ${source ?? 'the literature'} reports.` : ''}`,
  });
}

/** Triggered images and what the final model of a group's first run answers to them. */
export function renderTriggered(groups: readonly RunGroup[]): Markup | undefined {
  const shown = groups.flatMap((group) => {
    const run = group.runs.find(({ manifest }) => manifest?.manifest.backdoor !== undefined);
    const backdoor = run?.manifest?.manifest.backdoor;
    return run === undefined || backdoor === undefined ? [] : [{ name: group.name, success: outcomeOf(run)?.finalBackdoorSuccess, backdoor }];
  });
  if (shown.length === 0) return undefined;
  return html`<figure>
${shown.slice(0, MOST_GROUPS).map(({ name, success, backdoor }) => html`<h4>${name}: ${percentOf(success)} % of ${backdoor.measured.toLocaleString('en-US')} ${backdoor.on}</h4>
<ul class="samples">${backdoor.examples.map((example) => renderExample(example, backdoor.shape))}</ul>`)}
<figcaption>Triggered images as the model sees them, the first of each class, and what the model answers after the last round of the first seed; \
“a → b” is the class and the answer, in colour where it is the one that the attacker wants.\
${shown.length > MOST_GROUPS ? ` The first ${MOST_GROUPS} of ${shown.length} settings are shown.` : ''}</figcaption>
</figure>`;
}

function renderExample({ label, target, answer, image }: BackdoorFacts['examples'][number], shape: BackdoorFacts['shape']): Markup {
  const said = answer === 255 ? 'no answer' : String(answer);
  const fooled = answer === target;
  const picture = html`<svg class="sample" viewBox="0 0 ${shape[1]} ${shape[0]}" role="img" aria-label="Triggered image of class ${label}, which the model takes for ${said}">\
${drawImage(Buffer.from(image, 'base64'), shape)}</svg>`;
  return html`<li>${picture}<span class="${fooled ? 'status bad' : 'status'}">${label} → ${said}</span></li>`;
}

/** An image as lines of equal pixels, a path a colour, with 16 steps of each channel: no picture is loaded, and none has to be encoded. */
function drawImage(bytes: Uint8Array, [height, width, channels]: BackdoorFacts['shape']): Markup[] {
  const colourAt = (row: number, column: number): string => {
    const channel = (index: number): string => Math.round((bytes[(Math.min(index, channels - 1) * height + row) * width + column] as number) / 17).toString(16);
    return `#${channel(0)}${channel(1)}${channel(2)}`;
  };
  const lines = new Map<string, string>();
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; ) {
      const colour = colourAt(row, column);
      let end = column + 1;
      while (end < width && colourAt(row, end) === colour) end++;
      lines.set(colour, `${lines.get(colour) ?? ''}M${column} ${row}.5h${end - column}`);
      column = end;
    }
  }
  return [...lines].map(([colour, path]) => html`<path stroke="${colour}" d="${path}"/>`);
}
