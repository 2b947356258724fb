// A series is a column: where it starts, how long a step is, and values in order.
interface Series {
  start: string;
  step: string;
  values: number[];
}

/** Labels each value: hours and quarters by their instants, longer steps by their names on the calendar. */
export function toPoints({ start, step, values }: Series): { label: string; kwh: number }[] {
  const [year, month, day] = start.slice(0, 10).split('-').map(Number) as [number, number, number];
  const after = (milliseconds: number) => new Date(Date.parse(start) + milliseconds).toISOString();
  const on = (months: number, days: number) => new Date(Date.UTC(year, month - 1 + months, day + days)).toISOString();
  const labels: Record<string, (index: number) => string> = {
    PT15M: (index) => after(index * 900_000),
    PT1H: (index) => after(index * 3_600_000),
    P1D: (index) => on(0, index).slice(0, 10),
    P1M: (index) => on(index, 0).slice(0, 7),
    P1Y: (index) => `${year + index}`,
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
