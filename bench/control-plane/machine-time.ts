/** In ms, and the same in all processes of the machine: what begins in one of them may end in another. */
export function machineNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
