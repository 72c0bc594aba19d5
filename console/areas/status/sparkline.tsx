const width = 200;
const height = 40;

/** So many values fill the width; fewer begin further right. */
const leastCount = 30;

/** A line over time, newest at the right; the scale is from 0 to the highest value. */
export function Sparkline({ values }: { readonly values: readonly number[] }) {
  const points = sparkPoints(values);
  return (
    <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      {points !== "" && (
        <>
          <polygon points={`${points} ${width},${height} ${firstX(values.length)},${height}`} />
          <polyline points={points} />
        </>
      )}
    </svg>
  );
}

function sparkPoints(values: readonly number[]): string {
  if (values.length < 2) return "";
  const top = Math.max(...values, Number.MIN_VALUE);
  const from = firstX(values.length);
  const step = (width - from) / (values.length - 1);
  return values
    .map(
      (value, index) =>
        `${(from + index * step).toFixed(1)},${(height - 2 - (value / top) * (height - 4)).toFixed(1)}`,
    )
    .join(" ");
}

function firstX(count: number): number {
  return width * Math.max(0, 1 - (count - 1) / (leastCount - 1));
}
