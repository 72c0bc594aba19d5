/** A source of the contract, named on the command line, that cannot be used at all; the message says what to do. */
export class ContractSourceError extends Error {
  override readonly name = "ContractSourceError";
}
