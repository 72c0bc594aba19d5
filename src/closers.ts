/** Ways to end what was made, in the order in which it was made. */
export type Closers = (() => Promise<void>)[];

/** Ends the last first; each once, however often it is called. */
export async function closeInTurn(closers: Closers): Promise<void> {
  for (const closer of closers.splice(0).reverse()) await closer();
}
