/** Adds the fields of others to those of `target`. */
export function addTo(target: Headers, others: Headers): void {
  others.forEach((value, name) => {
    target.append(name, value);
  });
}
