import { promisify } from "node:util";
import { gunzip, inflate as inflateZlib } from "node:zlib";
import { grpcCodes } from "../../errors.ts";
import { maxReceiveBytes } from "../channel.ts";
import { MessageFault } from "./message-reader.ts";

const decoders = new Map([
  ["gzip", promisify(gunzip)],
  ["deflate", promisify(inflateZlib)],
]);

/** The message behind the compressed one, off the main thread. @throws MessageFault, also for one that swells beyond all bounds. */
export async function inflate(compressed: Buffer, encoding: string): Promise<Buffer> {
  const decode = decoders.get(encoding);
  if (decode === undefined) {
    const known = [...decoders.keys()].join(" or ");
    throw new MessageFault(
      grpcCodes.UNIMPLEMENTED,
      `Received a message compressed with ${JSON.stringify(encoding)}, expected ${known}`,
    );
  }
  try {
    return await decode(compressed, { maxOutputLength: maxReceiveBytes });
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") {
      throw new MessageFault(
        grpcCodes.RESOURCE_EXHAUSTED,
        `Received message that decompresses to a size larger than max ${maxReceiveBytes}`,
      );
    }
    throw new MessageFault(grpcCodes.INTERNAL, `Failed to decompress ${encoding}-encoded message`);
  }
}
