export interface KeepaliveTiming {
  /** A PING goes out after so long without a byte from the server. */
  readonly idleMs: number;
  readonly timeoutMs: number;
}

/** Asks the server for a sign of life after a time without any; any byte is one. */
export class Keepalive {
  readonly #timing: KeepaliveTiming;
  readonly #ping: () => void;
  readonly #onSilence: (reason: string) => void;
  readonly #idleTimer: NodeJS.Timeout;
  #answerTimer: NodeJS.Timeout | undefined;
  #hasHeard = true;

  constructor(timing: KeepaliveTiming, ping: () => void, onSilence: (reason: string) => void) {
    this.#timing = timing;
    this.#ping = ping;
    this.#onSilence = onSilence;
    this.#idleTimer = setInterval(() => this.#askAfterSilence(), timing.idleMs);
    this.#idleTimer.unref();
  }

  /** Asks now. */
  ask(): void {
    if (this.#answerTimer !== undefined) return;
    const { timeoutMs } = this.#timing;
    this.#ping();
    this.#answerTimer = setTimeout(
      () => this.#onSilence(`no answer to an HTTP/2 PING within ${timeoutMs} ms`),
      timeoutMs,
    );
    this.#answerTimer.unref();
  }

  /** The server has sent something. */
  heard(): void {
    this.#hasHeard = true;
    if (this.#answerTimer === undefined) return;
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
  }

  stop(): void {
    clearInterval(this.#idleTimer);
    clearTimeout(this.#answerTimer);
  }

  #askAfterSilence(): void {
    const hasHeard = this.#hasHeard;
    this.#hasHeard = false;
    if (!hasHeard) this.ask();
  }
}
