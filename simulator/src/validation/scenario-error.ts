/** A scenario that makes no sense: says where, and what to do. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
}
