import type { Arena } from '../memory/arena.js';
import type { BackdoorFacts } from '../run/records.js';
import type { WorkerSetup } from './worker-setup.js';

/** Images that are shown of a backdoor, at most: the first of each class, then the first of all. */
const MOST_EXAMPLES = 10;

/** What a run's manifest shows of its backdoor: some of the triggered images, and what the model answers to them; undefined when no attack plants one. */
export function backdoorFacts(setup: WorkerSetup, arena: Arena): BackdoorFacts | undefined {
  const { backdoor, regions, planes, planeSize, planeWidth } = setup;
  if (backdoor === undefined) return undefined;
  const [measured = 0] = arena.view(backdoor.count);
  const fromTraining = backdoor.chosen.length > 0;
  const labels = arena.view(fromTraining ? regions.trainLabels : regions.testLabels);
  const images = arena.view(fromTraining ? regions.trainImages : regions.testImages);
  const samples = arena.view(backdoor.measured).subarray(0, measured);
  const answers = arena.view(backdoor.answers);
  const size = planes.length * planeSize;
  return {
    measured,
    on: fromTraining ? 'chosen training images' : 'test images',
    shape: [planeSize / planeWidth, planeWidth, planes.length],
    examples: examplePlaces(Array.from(samples, (sample) => labels[sample] as number)).map((place) => {
      const sample = samples[place] as number;
      const label = labels[sample] as number;
      const image = stamped(setup, images.slice(sample * size, (sample + 1) * size));
      return { label, target: backdoor.targets[label] as number, answer: answers[place] as number, image: Buffer.from(image).toString('base64') };
    }),
  };
}

/** Places of the first of each label, then of those that are left. */
function examplePlaces(labels: readonly number[]): number[] {
  const firsts = [...new Set(labels)].sort((a, b) => a - b).map((label) => labels.indexOf(label));
  const others = Array.from(labels.keys()).slice(0, 2 * MOST_EXAMPLES).filter((place) => !firsts.includes(place));
  return [...firsts, ...others].slice(0, MOST_EXAMPLES);
}

/** The bytes of an image with the pattern, as near as bytes come to its values. */
function stamped({ backdoor, planes, planeSize, planeWidth }: WorkerSetup, image: Uint8Array): Uint8Array {
  const stamp = backdoor?.stamp;
  if (stamp === undefined) return image;
  for (const [plane, { scale, shift }] of planes.entries()) {
    const byte = Math.min(255, Math.max(0, Math.round(((stamp.values[plane] as number) - shift) / scale)));
    for (let row = stamp.row; row < stamp.row + stamp.height; row++) {
      const start = plane * planeSize + row * planeWidth + stamp.column;
      image.fill(byte, start, start + stamp.width);
    }
  }
  return image;
}
