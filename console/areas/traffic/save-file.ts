/** Hands the bytes to the browser as a download. */
export function saveFile(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken the bytes when the click's task is done.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
