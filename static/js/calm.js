// A status line that is read out: the newest words, and no more often than one can listen to.

const PAUSE_MS = 5000;

/** `tell(words, weighty)` for the line `place`; what is weighty is not pushed out by what is not. */
export function calm(place) {
  let [timer, next, kept, told] = [0, "", false, -PAUSE_MS];
  const put = () => {
    [timer, kept, told] = [0, false, performance.now()];
    if (place && place.textContent !== next) place.textContent = next;
  };
  return (words, weighty = false) => {
    if (kept && !weighty) return;
    [next, kept] = [words, weighty];
    timer ||= setTimeout(put, Math.max(0, told + PAUSE_MS - performance.now()));
  };
}
