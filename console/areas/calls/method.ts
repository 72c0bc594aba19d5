import type { MethodKind } from "../../../src/client/fetch-client.ts";

export interface Method {
  /** `ApiItem/name`: unique, and the way to the method in the console's address. */
  readonly id: string;
  /** The shortest name that leads to the service alone. */
  readonly service: string;
  readonly name: string;
  readonly kind: MethodKind;
  readonly readsOnly: boolean;
  readonly fullServiceName: string;
}

export interface Service {
  readonly name: string;
  readonly fullName: string;
  /** Where its contract came from, such as "built-in". */
  readonly source: string;
  readonly methods: readonly Method[];
}

/** By any of the service's names: the short one, the full one, and with the suffix `Service`. */
export function findMethod(
  services: readonly Service[],
  serviceName: string,
  methodName: string,
): Method | undefined {
  const service =
    services.find(({ name, fullName }) => name === serviceName || fullName === serviceName) ??
    services.find(({ name, fullName }) =>
      [`${name}Service`, fullName.replace(/Service$/, "")].includes(serviceName),
    );
  return service?.methods.find(({ name }) => name === methodName);
}
