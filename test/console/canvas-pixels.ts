import type { Page } from "playwright-core";

/** Mean of each channel over the picture, and a rough print of it that differs where the picture does. */
export interface PicturePrint {
  readonly mean: number;
  readonly cells: readonly number[];
}

const size = 32;

/** What the page's live view shows, shrunk to 32 by 32. */
export function printPicture(page: Page): Promise<PicturePrint> {
  return page.evaluate(`(() => {
    const small = document.createElement("canvas");
    small.width = small.height = ${size};
    const context = small.getContext("2d", { willReadFrequently: true });
    context.drawImage(document.querySelector(".live-view canvas"), 0, 0, ${size}, ${size});
    const { data } = context.getImageData(0, 0, ${size}, ${size});
    const cells = [...data].filter((_, at) => at % 4 !== 3);
    return { mean: cells.reduce((sum, each) => sum + each, 0) / cells.length, cells };
  })()`);
}

/** How far two pictures are apart, per channel: 0 to 255. */
export function pictureDistance(one: PicturePrint, other: PicturePrint): number {
  return (
    one.cells.reduce((sum, cell, at) => sum + Math.abs(cell - (other.cells[at] ?? 0)), 0) / one.cells.length
  );
}

/** Resolves with the print once it fulfils the condition, which is looked at anew for each picture of the screen. */
export async function untilPicture(
  page: Page,
  what: string,
  holds: (print: PicturePrint) => boolean,
): Promise<PicturePrint> {
  const endMs = Date.now() + 30_000;
  for (;;) {
    const print = await printPicture(page);
    if (holds(print)) return print;
    if (Date.now() > endMs) throw new Error(`waited in vain until ${what}; mean ${print.mean}`);
    await page.evaluate("new Promise(requestAnimationFrame)");
  }
}
