// A series is a column: where it starts, how long a step is, and values in order.
interface Series {
  start: string;
  step: string;
  values: number[];
}

/** Labels each value: an hour by its instant, a month by its name on the calendar. */
export function toPoints({ start, step, values }: Series): { label: string; kwh: number }[] {
  const [year, month] = start.split('-').map(Number) as [number, number];
  const labels: Record<string, (index: number) => string> = {
    PT1H: (index) => new Date(Date.parse(start) + index * 3_600_000).toISOString(),
    P1M: (index) => `${year}-${String(month + index).padStart(2, '0')}`,
  };
  const label = labels[step];
  if (!label) throw new Error(`a step of ${step}`);
  return values.map((kwh, index) => ({ label: label(index), kwh }));
}

/** Draws columns as SVG: what was generated and, before it, what of that was used. */
export function drawColumns(generation: Series, used: Series): string {
  const most = Math.max(...generation.values);
  const draw = (series: Series, colour: string) =>
    toPoints(series).map(({ label, kwh }, index) => {
      const height = (100 * kwh) / most;
      const place = `x="${index * 10}" y="${100 - height}" width="8" height="${height}"`;
      return `<rect ${place} fill="${colour}"><title>${label}: ${Math.round(kwh)} kWh</title></rect>`;
    });
  const columns = [...draw(generation, '#f6c445'), ...draw(used, '#2a7f62')].join('');
  const box = `viewBox="0 0 ${generation.values.length * 10} 100"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box} role="img">${columns}</svg>`;
}
