/** The bits of the IEEE 754 half nearest to the value, ties to even; what is too large becomes infinity. */
export function toHalf(value: number): number {
  const magnitude = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  // below the least normal number halves are even steps of 2^-24
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24);
  const exponent = exponentOf(magnitude);
  const mantissa = roundToEven((magnitude / 2 ** exponent - 1) * 1024);
  // a mantissa that rounds up to 1024 carries into the exponent by itself
  return sign | (((exponent + 15) << 10) + mantissa);
}

function exponentOf(magnitude: number): number {
  const exponent = Math.floor(Math.log2(magnitude));
  // the logarithm may round to the next whole number
  if (2 ** exponent > magnitude) return exponent - 1;
  return 2 ** (exponent + 1) <= magnitude ? exponent + 1 : exponent;
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest > 0.5 || (rest === 0.5 && floor % 2 === 1)) return floor + 1;
  return floor;
}
