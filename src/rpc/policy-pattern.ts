import type { ContractMethod } from "../contract/contract.ts";

/** Tells whether a method is meant. */
export type MethodMatcher = (serviceName: string, methodName: string) => boolean;

/**
 * A pattern `SERVICE/METHOD` as `--deny-method` takes it: `*` stands for any characters in a name; the service's package and
 * the suffix `Service` may be left out, as in calls. Case-sensitive. The form is checked with the options.
 */
export function compilePattern(pattern: string): MethodMatcher {
  const [service = "", method = ""] = pattern.split("/");
  const isService = wildcard(service);
  const isMethod = wildcard(method);
  return (serviceName, methodName) =>
    isMethod.test(methodName) && namesOf(serviceName).some((name) => isService.test(name));
}

/** `Service/method` for messages: full name of the service. */
export function methodTitle({ service, name }: ContractMethod): string {
  return `${service.fullName}/${name}`;
}

/** Every name that a client may call the service by. */
function namesOf(fullName: string): readonly string[] {
  const simple = fullName.slice(fullName.lastIndexOf(".") + 1);
  return [fullName, simple].flatMap((name) => [name, name.replace(/Service$/, "")]);
}

function wildcard(text: string): RegExp {
  const parts = text.split("*").map((part) => part.replace(/[.\\+?^${}()|[\]]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}
