import { request } from "../../api/proxy.ts";
import { notify, notifyError } from "../../app/toasts.tsx";

/** Downloads what Octane has now, whole and without loss. */
export async function savePicture(): Promise<void> {
  try {
    const response = await request("GET", "/render/frame.png");
    const samples = Math.round(Number(response.headers.get("x-octane-samples") ?? 0));
    const name = `octane-${samples}-samples.png`;
    const url = URL.createObjectURL(await response.blob());
    const link = Object.assign(document.createElement("a"), { href: url, download: name });
    link.click();
    // The download has begun by then; the memory is the picture's.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    notify("Picture saved", name);
  } catch (error) {
    notifyError("The picture was not saved", error);
  }
}
