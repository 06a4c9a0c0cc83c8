// Pictures of figures, drawn by the server. What is measured is stretched to the width of the page, what is written is not: so text
// keeps its size on a small phone. Kinds are told apart by place and label first. Steps and shares begin at 0, nothing is smoothed.

import { max, ticks } from "d3-array";
import type { Child } from "hono/jsx";

/** What marks are measured in: a thousandth of the plot's width. */
const WIDE = 1_000;

/** A picture with a name: `label` says in a sentence what it shows. What is in `side` stands left of the plot. */
function Picture({ label, high, side, children }: { label: string; high: number; side?: Child; children?: Child }) {
  return (
    <div class={side === undefined ? "picture" : "picture sided"} role="img" aria-label={label}>
      {side !== undefined && (
        <svg aria-hidden="true" width="100%" height={high}>
          {side}
        </svg>
      )}
      <svg aria-hidden="true" width="100%" height={high}>
        <defs>
          <pattern id="unfinished" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect class="hatch" width="2.5" height="6" />
          </pattern>
        </defs>
        {children}
      </svg>
    </div>
  );
}

/** Where marks stand, in WIDE × `high`: stretched to the width that there is. */
function Plot({ high, children }: { high: number; children?: Child }) {
  return (
    <svg width="100%" height={high} viewBox={`0 0 ${WIDE} ${high}`} preserveAspectRatio="none">
      {children}
    </svg>
  );
}

/** Texts along the axis below a plot, their lower edge at `bottom`. `at`: 0 … 1 of its width. */
function Along({
  bottom,
  marks,
  isFromLeft = false,
}: {
  bottom: number;
  marks: readonly Mark[];
  isFromLeft?: boolean;
}) {
  return (
    <>
      {marks.map(({ at, text }) => (
        <text x={percent(at)} y={bottom} class={at > 0.9 ? "last" : isFromLeft || at < 0.06 ? "first" : "mid"}>
          {text}
        </text>
      ))}
    </>
  );
}

interface Mark {
  at: number;
  text: string;
}

function percent(part: number): string {
  return `${Math.round(part * 10_000) / 100}%`;
}

/** Seconds since sending, and the share by then, 0 … 1. */
interface Point {
  seconds: number;
  share: number;
}

/** A share that grows with time: points from the first on; each holds until the next. */
export interface Growth {
  points: readonly Point[];
  /** The age to which it is drawn. */
  untilSeconds: number;
}

const FIRST_SECONDS = 30;
const LAST_SECONDS = 7 * 86_400;

/** Shares by the time since sending, on a logarithmic axis from 30 seconds to 7 days: one in front, those before it faint. */
export function GrowthPicture({
  label,
  now,
  earlier,
  marks,
  share,
}: {
  label: string;
  now: Growth;
  earlier: readonly Growth[];
  marks: readonly { seconds: number; text: string }[];
  share: (part: number) => string;
}) {
  const high = 180;
  const largest = max([now, ...earlier], ({ points }) => points.at(-1)?.share ?? 0) ?? 0;
  const steps = ticks(0, Math.max(largest, 0.05), 4);
  const top = Math.max(steps.at(-1) ?? 1, largest);
  const y = (part: number) => high - (part / top) * (high - 8);
  // Each share holds until the next: along, then up.
  const path = ([first, ...rest]: readonly Point[]) =>
    `M0,${rounded(y(first?.share ?? 0))}${rest.map((point) => `H${rounded(along(point.seconds) * WIDE)}V${rounded(y(point.share))}`).join("")}`;
  const drawn = ({ points, untilSeconds }: Growth) => {
    const seen = points.filter(({ seconds }) => seconds >= FIRST_SECONDS && seconds <= untilSeconds);
    const before = points.findLast(({ seconds }) => seconds < FIRST_SECONDS)?.share ?? 0;
    const last = seen.at(-1)?.share ?? before;
    return [
      { seconds: FIRST_SECONDS, share: before },
      ...seen,
      { seconds: Math.min(untilSeconds, LAST_SECONDS), share: last },
    ];
  };
  const end = now.untilSeconds >= FIRST_SECONDS ? drawn(now).at(-1) : undefined;
  return (
    <Picture
      label={label}
      high={high + 24}
      side={steps.map((step) => (
        <text x="0" y={Math.max(12, y(step) + 4)}>
          {share(step)}
        </text>
      ))}
    >
      {steps.map((step) => (
        <line class="grid" x1="0" x2="100%" y1={y(step)} y2={y(step)} />
      ))}
      <Plot high={high}>
        {earlier.map((one) => (
          <path class="faint" d={path(drawn(one))} />
        ))}
        {end && <path class="people line" d={path(drawn(now))} />}
      </Plot>
      {end && <circle class="people dot" cx={percent(along(end.seconds))} cy={y(end.share)} r="4.5" />}
      <Along bottom={high + 18} marks={marks.map(({ seconds, text }) => ({ at: along(seconds), text }))} />
    </Picture>
  );
}

/** Where an age stands on the axis, 0 … 1. */
function along(seconds: number): number {
  const part = Math.log(Math.max(seconds, FIRST_SECONDS) / FIRST_SECONDS) / Math.log(LAST_SECONDS / FIRST_SECONDS);
  return Math.min(1, part);
}

export interface Pair {
  people: number;
  machines: number;
  /** The time that it counts has not passed yet. */
  isUnfinished: boolean;
}

/** People above the axis, machines below, each side with a scale of its own and its largest value. */
export function PairPicture({
  label,
  pairs,
  marks,
  people,
  machines,
}: {
  label: string;
  pairs: readonly Pair[];
  /** Texts at the buckets of these numbers. */
  marks: readonly { index: number; text: string }[];
  /** What the sides are called, with their largest values. */
  people: string;
  machines: string;
}) {
  const above = 96;
  const below = 44;
  const most = { people: max(pairs, (pair) => pair.people) || 1, machines: max(pairs, (pair) => pair.machines) || 1 };
  const step = 1 / Math.max(1, pairs.length);
  const gap = pairs.length > 120 ? 0 : step * 0.14;
  const axis = 18 + above;
  return (
    <Picture label={label} high={axis + below + 40}>
      <text x="0" y="12">
        {people}
      </text>
      {pairs.map((pair, index) => {
        const [up, down] = [(pair.people / most.people) * above, (pair.machines / most.machines) * (below - 4)];
        const place = { x: percent(index * step + gap / 2), width: percent(step - gap) };
        const state = pair.isUnfinished ? " unfinished" : "";
        return (
          <>
            {up > 0 && <rect class={`people${state}`} {...place} y={rounded(axis - up)} height={rounded(up)} />}
            {down > 0 && <rect class={`machines${state}`} {...place} y={axis + 4} height={rounded(down)} />}
          </>
        );
      })}
      <line class="base" x1="0" x2="100%" y1={axis + 2} y2={axis + 2} />
      <text x="0" y={axis + below + 14}>
        {machines}
      </text>
      <Along
        bottom={axis + below + 34}
        marks={marks.map(({ index, text }) => ({ at: index * step, text }))}
        isFromLeft
      />
    </Picture>
  );
}

/** A part of a whole, 0 … 1, as a bar that begins at 0. Its number stands beside it. */
export function Bar({ part, kind }: { part: number; kind: "people" | "sent" }) {
  return (
    <svg class="bar" width="100%" height="10" aria-hidden="true">
      <rect class="whole" width="100%" height="10" />
      <rect class={kind} width={percent(part)} height="10" />
    </svg>
  );
}

/** Shares by weekday and hour: in each cell a bar from 0 to the largest share; a cell without enough is empty. */
export function WeekPicture({
  label,
  days,
  hours,
  share,
}: {
  label: string;
  /** Names of the days, Monday first. */
  days: readonly string[];
  /** Texts at hours 0, 6, 12, 18. */
  hours: readonly string[];
  /** 0 … 1, or null. */
  share: (day: number, hour: number) => number | null;
}) {
  const row = 24;
  const cells = days.flatMap((_, day) =>
    Array.from({ length: 24 }, (__, hour) => ({ day, hour, part: share(day, hour) })),
  );
  const largest = max(cells, ({ part }) => part ?? 0) || 1;
  return (
    <Picture
      label={label}
      high={7 * row + 22}
      side={days.map((name, day) => (
        <text x="0" y={day * row + 18}>
          {name}
        </text>
      ))}
    >
      {days.map((_, day) => (
        <line class="grid" x1="0" x2="100%" y1={(day + 1) * row - 2} y2={(day + 1) * row - 2} />
      ))}
      {cells.map(({ day, hour, part }) => {
        if (part === null) return null;
        const up = Math.max(1, (part / largest) * (row - 5));
        const place = { x: percent((hour + 0.1) / 24), width: percent(0.8 / 24) };
        return <rect class="people" {...place} y={rounded((day + 1) * row - 2 - up)} height={rounded(up)} />;
      })}
      <Along bottom={7 * row + 16} marks={hours.map((text, index) => ({ at: index / 4, text }))} isFromLeft />
    </Picture>
  );
}

function rounded(n: number): number {
  return Math.round(n * 10) / 10;
}
