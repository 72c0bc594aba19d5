import { OctaneError, type Transport } from "./fetch-client.ts";

/** As much of a WebSocket as the client uses: that of browsers, of Node 22, and of the package `ws`. */
export interface SocketLike {
  binaryType: string;
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** `WebSocket.OPEN`; a constructor of the user's own may lack the name. */
const openState = 1;

/** Sends, or lets a socket that is closing be: what is said to it goes nowhere, and browsers complain. */
export function sendWhileOpen(socket: SocketLike | undefined, text: string): void {
  if (socket?.readyState === openState) socket.send(text);
}

export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike;

export interface SocketListeners {
  open?(): void;
  message(data: string | ArrayBuffer): void;
  /** Called once. `code` is the WebSocket's, 1006 where there was no goodbye. */
  close(code: number, reason: string): void;
}

export interface SocketOpener {
  /** @throws OctaneError where the runtime has no WebSocket */
  open(path: string, listeners: SocketListeners): SocketLike;
}

/** Opens WebSockets of the proxy, with the token where there is one. */
export function createSocketOpener(
  transport: Pick<Transport, "url">,
  {
    token,
    WebSocket,
  }: { readonly token?: string | undefined; readonly WebSocket?: SocketConstructor | undefined },
): SocketOpener {
  return {
    open(path, listeners) {
      const Constructor = WebSocket ?? (globalThis as { readonly WebSocket?: SocketConstructor }).WebSocket;
      if (Constructor === undefined) {
        throw new OctaneError("UNIMPLEMENTED", "this runtime has no WebSocket", {
          reason: "missing_library",
          hint: 'give one: createClient({ WebSocket }) with `import { WebSocket } from "ws"`; Node has its own from 22 on',
        });
      }
      const protocols = ["octane-proxy", ...(token === undefined ? [] : [`bearer.${base64Url(token)}`])];
      const socket = new Constructor(transport.url.replace(/^http/, "ws") + path, protocols);
      socket.binaryType = "arraybuffer";
      socket.onopen = () => listeners.open?.();
      socket.onmessage = ({ data }: { readonly data: string | ArrayBuffer }) => listeners.message(data);
      // `close` always follows, and browsers tell nothing about an error
      socket.onerror = () => {};
      socket.onclose = ({ code, reason }: { readonly code: number; readonly reason: string }) => {
        socket.onmessage = null;
        listeners.close(code, reason);
      };
      return socket;
    },
  };
}

function base64Url(text: string): string {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
