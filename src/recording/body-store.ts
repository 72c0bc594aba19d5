import { closeSync, mkdtempSync, openSync, read, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** A body of a recording: in memory while small, else in a temporary file. */
export type StoredBody = Buffer | { readonly offset: number; readonly length: number };

/** Keeps bodies for replay, so that a recording of frames does not have to fit into memory. */
export interface BodyStore {
  /** Copies the bytes. */
  put(bytes: Buffer): StoredBody;
  read(body: StoredBody): Promise<Buffer>;
  /** Removes the temporary file. Idempotent. */
  close(): void;
}

/** Bodies up to this size stay in memory. */
const inMemoryBytes = 64 * 1024;
const readAsync = promisify(read);

/** Makes its temporary file with the first large body. */
export function createBodyStore(): BodyStore {
  let folder: string | undefined;
  let file: number | undefined;
  let size = 0;

  const openFile = (): number => {
    folder = mkdtempSync(join(tmpdir(), "octane-proxy-replay-"));
    file = openSync(join(folder, "bodies"), "wx+", 0o600);
    return file;
  };

  return {
    put(bytes) {
      if (bytes.length <= inMemoryBytes) return Buffer.from(bytes);
      const target = file ?? openFile();
      const body = { offset: size, length: bytes.length };
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(target, bytes, done, bytes.length - done, size + done);
      }
      size += bytes.length;
      return body;
    },
    async read(body) {
      if (body instanceof Uint8Array) return body;
      if (file === undefined) throw new Error("the recording is closed");
      const bytes = Buffer.allocUnsafe(body.length);
      for (let done = 0; done < body.length; ) {
        const { bytesRead } = await readAsync(file, bytes, done, body.length - done, body.offset + done);
        if (bytesRead === 0) throw new Error("the temporary file of the recording was cut");
        done += bytesRead;
      }
      return bytes;
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      folder = undefined;
    },
  };
}
