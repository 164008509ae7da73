// Sizes and spans of time, as web/sizes.py writes them.

import { language } from "./strings.js";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const formats = [0, 1].map(
  (digits) => new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

/** "12.3 MiB". */
export function sizeText(count) {
  let unit = 0;
  while (Math.abs(count) >= 999.5 && unit < UNITS.length - 1) {
    count /= 1024;
    unit += 1;
  }
  return `${formats[unit && Math.abs(count) < 99.95 ? 1 : 0].format(count)} ${UNITS[unit]}`;
}

/** "8 s", "3:07", "1:02:03". */
export function spanText(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes, left] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(left)}` : `${minutes}:${two(left)}`;
}
