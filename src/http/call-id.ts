import { randomBytes } from "node:crypto";

const visible = /^[\x21-\x7e]{1,128}$/;

/** Makes the ids that tie replies, log lines and calls at Octane together; unique to this server's life. */
export function createCallIds(): { of(header: string | string[] | undefined): string } {
  const prefix = randomBytes(4).toString("hex");
  let count = 0;
  return {
    /** The client's own id where it is 1 to 128 visible characters, else a new one. */
    of(header) {
      if (typeof header === "string" && visible.test(header)) return header;
      count += 1;
      return `${prefix}-${count.toString(36)}`;
    },
  };
}
