/**
 * What is found out about a member, one estimate after the other, while it is rated for a call. One object for all of them, used again and again: a
 * number that a function takes or returns is an object of 16 bytes, unless the engine happens to inline the function; in a field it costs nothing.
 */
export class Appraisal {
  /** The share of its calls that succeed, relative to what is usual: above 0 to 1. */
  success = 1;
  /** How little there is to do for servers as a rule: 1 for nothing, towards 0 the more calls they work on. */
  idleness = 1;
  /** Calls that it is working on. */
  load = 0;
  /** How many one call more counts as. */
  call = 1;
  /** How much longer a call takes there than is usual; 1 is usual. */
  slowness = 1;
  /** What the call would cost there. */
  cost = 0;
}
