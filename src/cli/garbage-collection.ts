import { setFlagsFromString } from "node:v8";

/**
 * Lets this process collect garbage less often; for a program's own start, because it holds for the whole process.
 * V8 counts the memory of frames, which comes and goes, against a heap of 20 MB, and collects all of it with nearly
 * every 1080p frame: that was half of the CPU time of streaming to 8 viewers (`npm run bench:frames`).
 * The young generation is collected by one thread: little of it survives, and waking helpers for that cost calls about
 * 8 µs of CPU time each on two cores (`npm run bench`).
 */
export function relaxGarbageCollection(): void {
  setFlagsFromString("--heap-growing-percent=400");
  setFlagsFromString("--no-parallel-scavenge");
}
