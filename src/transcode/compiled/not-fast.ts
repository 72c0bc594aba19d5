/**
 * Thrown by compiled code on the first thing that is not plainly right: a wrong type, an unknown key, a message in
 * pieces. The interpreter then does the whole message again and decides, so that no rule and no wording is kept twice.
 */
export const notFast: Error = new Error("left to the interpreter");
