/** Which services a client wants: so many of all, so that each is wanted by as many clients as every other. */
export function servicesOf(client: number, each: number, all: number): readonly number[] {
  return Array.from({ length: each }, (_, nth) => (client + nth * Math.max(1, Math.floor(all / each))) % all);
}
