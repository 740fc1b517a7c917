/**
 * A thread's job in a HOGWILD! epoch: 32 words in the arena that say where everything lies. `lib/kernels/hogwild-job.ts` writes it.
 * An edge (a sample, a matrix entry, an arc) touches some vertices; a vertex owns a block of `stride` float32 of the parameters.
 */

/** Who may write when. */
export const LOCK: u32 = 1;
export const ROUND_ROBIN: u32 = 2;
export const VERTEX_LOCKS: u32 = 3;
export const GATHERED: u32 = 4;

// @ts-ignore: decorator
@inline
export function parametersOf(job: usize): usize { return <usize>load<u32>(job, 0); }
// @ts-ignore: decorator
@inline
export function orderOf(job: usize): usize { return <usize>load<u32>(job, 4); }
/** 0 where every edge has two vertices. */
// @ts-ignore: decorator
@inline
export function offsetsOf(job: usize): usize { return <usize>load<u32>(job, 8); }
// @ts-ignore: decorator
@inline
export function verticesOf(job: usize): usize { return <usize>load<u32>(job, 12); }
// @ts-ignore: decorator
@inline
export function valuesOf(job: usize): usize { return <usize>load<u32>(job, 16); }
// @ts-ignore: decorator
@inline
export function labelsOf(job: usize): usize { return <usize>load<u32>(job, 20); }
/** For each vertex the factor of its regulariser's gradient, weighted by its degree. */
// @ts-ignore: decorator
@inline
export function decaysOf(job: usize): usize { return <usize>load<u32>(job, 24); }
/** For each vertex 1 when nobody may move it. */
// @ts-ignore: decorator
@inline
export function fixedOf(job: usize): usize { return <usize>load<u32>(job, 28); }
// @ts-ignore: decorator
@inline
export function widthOf(job: usize): u32 { return load<u32>(job, 32); }
// @ts-ignore: decorator
@inline
export function strideOf(job: usize): u32 { return load<u32>(job, 36); }
// @ts-ignore: decorator
@inline
export function disciplineOf(job: usize): u32 { return load<u32>(job, 40); }
/** The one lock, or whose turn it is. */
// @ts-ignore: decorator
@inline
export function lockOf(job: usize): usize { return <usize>load<u32>(job, 44); }
// @ts-ignore: decorator
@inline
export function locksOf(job: usize): usize { return <usize>load<u32>(job, 48); }
/** A word that becomes 1 when the run ends: who waits then waits no longer. */
// @ts-ignore: decorator
@inline
export function endedOf(job: usize): usize { return <usize>load<u32>(job, 52); }
// @ts-ignore: decorator
@inline
export function replicaOf(job: usize): usize { return <usize>load<u32>(job, 56); }
/** What the replica held when it was last made equal to the shared parameters. */
// @ts-ignore: decorator
@inline
export function baseOf(job: usize): usize { return <usize>load<u32>(job, 60); }
/** Vertices 0 … hot − 1 are gathered. */
// @ts-ignore: decorator
@inline
export function hotOf(job: usize): u32 { return load<u32>(job, 64); }
/** For each edge the first of its entries that is not hot; 0 when nothing is gathered. */
// @ts-ignore: decorator
@inline
export function splitsOf(job: usize): usize { return <usize>load<u32>(job, 68); }
// @ts-ignore: decorator
@inline
export function windowOf(job: usize): u32 { return load<u32>(job, 72); }
/** A cache line for each thread, whose first word counts its updates. */
// @ts-ignore: decorator
@inline
export function progressOf(job: usize): usize { return <usize>load<u32>(job, 76); }
// @ts-ignore: decorator
@inline
export function threadOf(job: usize): u32 { return load<u32>(job, 80); }
// @ts-ignore: decorator
@inline
export function threadsOf(job: usize): u32 { return load<u32>(job, 84); }
/** float64: updates, Σ loss, measured updates, Σ staleness, greatest staleness. */
// @ts-ignore: decorator
@inline
export function statisticsOf(job: usize): usize { return <usize>load<u32>(job, 88); }
/** Two blocks of this thread's own. */
// @ts-ignore: decorator
@inline
export function workspaceOf(job: usize): usize { return <usize>load<u32>(job, 92); }
/** Is this the counting experiment, where every update adds 1 to what it touches? */
// @ts-ignore: decorator
@inline
export function isCounting(job: usize): bool { return load<u32>(job, 96) != 0; }
/** A table of normal deviates, a power of two long. */
// @ts-ignore: decorator
@inline
export function noiseOf(job: usize): usize { return <usize>load<u32>(job, 100); }
// @ts-ignore: decorator
@inline
export function noiseMaskOf(job: usize): u32 { return load<u32>(job, 104); }
