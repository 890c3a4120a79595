/** A part of the project, and all that its files may import, type-only imports included. */
export interface Room {
  readonly name: string;
  /** Its files, by their path from the project's root, such as `/src/clock.ts`. */
  readonly files: RegExp;
  /** Files by their path, packages by the name in the import, and `import(...)` for a computed one. Whatever fits none of them is forbidden. */
  readonly may: readonly RegExp[];
}

const wiring = /^\/src\/(index|balanced|create-balanced-transport|discovery-options|push-source|control-plane-channel)\.ts$/;
const codecs = /^\/src\/orca\.ts$/; // between a leaf's type and gen: the balancer may not know them
const leaves =
  /^\/src\/(?!(index|balanced|create-balanced-transport|discovery-options|push-source|control-plane-channel|orca)\.ts$)[^/]+\.ts$/;
const debug = /^\/src\/debug\//;
const debugSnapshot = /^\/src\/debug\/debug-snapshot\.ts$/;
const planeSnapshotTypes = /^\/control-plane\/src\/admin\/plane-snapshot\.ts$/;
const page = /^\/page\//;
const gen = /^\/src\/gen\//;
const balancer = /^\/src\/balancer\//;
const discovery = /^\/src\/discovery\//;
const ownFiles = /^\/src\/discovery\/(read-bounded|write-atomically)\.ts$/; // they know nothing of discovery
const serverHooks = /^\/src\/server-hooks\//;
const transport = /^\/src\/transport\//;
const held = /^\/src\/transport\/[^/]+\.ts$/; // what users hold, and what its wiring needs
const connectCalls = /^\/src\/transport\/connect\//;
const streamCalls = /^\/src\/transport\/streams\//;
const unaryCalls = /^\/src\/transport\/unary\//;
const calls = /^\/src\/transport\/calls\//;
const upstream = /^\/src\/transport\/upstream\//;
const events = /^\/src\/transport\/events\//;
const sessions = /^\/src\/transport\/sessions\//;
const tls = /^\/src\/transport\/tls\//;
const observability = /^\/src\/observability\//;
const testing = /^\/src\/testing\//;
const sharedByTests = /^\/test\/gen\//;
const testCertificates = /^\/test\/support\/test-pki\.ts$/;

const planeLeaves = /^\/control-plane\/src\/(byte-edits|clock|edit-history|encoded-field|logger|measure|resource|service)\.ts$/;
const planeFiles = /^\/control-plane\/src\/files\//;
const planeAccess = /^\/control-plane\/src\/access\//;
const planeGen = /^\/control-plane\/src\/gen\//;
const planeRegistry = /^\/control-plane\/src\/registry\//;
const planeSnapshot = /^\/control-plane\/src\/snapshot\//;
const planeXds = /^\/control-plane\/src\/xds\//;
const planeLoad = /^\/control-plane\/src\/load\//;
const planeAdmin = /^\/control-plane\/src\/admin\//;
const planeServer = /^\/control-plane\/src\/server\//;
const kubeReflector = /^\/kubernetes\/src\/reflector\//;
const kubeServices = /^\/kubernetes\/src\/services\//;
const ofKubernetes = /^meshless-kubernetes(\/reflector)?$/;
const sdk = /^meshless$/;
const sdkDiscovery = /^meshless\/discovery$/;
const sdkDebug = /^meshless\/debug$/;
const sdkServerHooks = /^meshless\/server-hooks$/;

const node = /^node:/;
const connect = /^@connectrpc\/connect(\/|$)/;
const connectNode = /^@connectrpc\/connect-node(\/|$)/;
const openTelemetry = /^@opentelemetry\/api$/;
const protobuf = /^@bufbuild\/protobuf(\/|$)/;
const anyPackage = /^[^/]/;
const computed = /^import\(/;
const anythingButTests = /^(?!.*\.test\.ts$)/;

/** Who may know whom. A file belongs to the first room that it fits. */
export const rooms: readonly Room[] = [
  { name: "tests and scripts", files: /\.test\.ts$|^\/(test|scripts)\//, may: [anythingButTests] },
  { name: "leaves", files: leaves, may: [leaves] },
  { name: "codecs", files: codecs, may: [leaves, gen, protobuf] },
  { name: "gen", files: gen, may: [gen, protobuf] },
  { name: "balancer", files: balancer, may: [balancer, leaves] },
  { name: "discovery", files: discovery, may: [discovery, leaves, gen, node, protobuf] },
  { name: "server-hooks", files: serverHooks, may: [serverHooks, ownFiles, leaves, codecs, gen, node, connect, connectNode, protobuf] },
  // The transport is a column: each room knows those below it alone, and from `upstream` down nobody knows of Connect.
  {
    name: "transport",
    files: held,
    may: [held, streamCalls, unaryCalls, connectCalls, calls, upstream, balancer, events, leaves, connect],
  },
  {
    name: "transport/streams",
    files: streamCalls,
    may: [streamCalls, unaryCalls, connectCalls, calls, balancer, leaves, node, connect, protobuf],
  },
  {
    name: "transport/unary",
    files: unaryCalls,
    may: [unaryCalls, connectCalls, calls, balancer, leaves, node, connect, protobuf],
  },
  {
    name: "transport/connect",
    files: connectCalls,
    may: [connectCalls, calls, upstream, balancer, leaves, gen, node, connect, connectNode, protobuf],
  },
  { name: "transport/calls", files: calls, may: [calls, upstream, sessions, balancer, leaves, node, connect] },
  { name: "transport/upstream", files: upstream, may: [upstream, events, sessions, tls, balancer, discovery, leaves, codecs, node] },
  { name: "transport/events", files: events, may: [events, balancer, leaves, node] },
  { name: "transport/sessions", files: sessions, may: [sessions, tls, balancer, leaves, codecs, gen, node, protobuf] },
  { name: "transport/tls", files: tls, may: [tls, leaves, node] },
  // What watches the others; none of them knows it.
  {
    name: "observability",
    files: observability,
    may: [observability, held, calls, events, balancer, serverHooks, leaves, connect, openTelemetry],
  },
  { name: "testing", files: testing, may: [testing, balancer, discovery, leaves] },
  { name: "wiring", files: wiring, may: [wiring, transport, balancer, discovery, leaves, gen, node, connect, connectNode] },
  // Reflector -> services -> source. The reflector knows nothing of services, and could be a package of its own but for time.
  { name: "kubernetes reflector", files: kubeReflector, may: [kubeReflector, node, sdkDiscovery] },
  { name: "kubernetes services", files: kubeServices, may: [kubeServices, kubeReflector, node, sdk, sdkDiscovery] },
  {
    name: "kubernetes",
    files: /^\/kubernetes\//,
    may: [/^\/kubernetes\//, node, sdk, sdkDiscovery, /^@kubernetes\/client-node$/],
  },
  // Registry -> snapshot -> xDS server. Neither end knows the other, and none of them more of the SDK than time, files, rules of addresses and the hooks for servers.
  { name: "control-plane leaves", files: planeLeaves, may: [planeLeaves, node, protobuf, sdkDiscovery] },
  { name: "control-plane gen", files: planeGen, may: [planeGen, protobuf] },
  { name: "control-plane files", files: planeFiles, may: [planeFiles, planeLeaves, node, sdkDiscovery, /^yaml$/, /^zod$/] },
  {
    name: "control-plane registry",
    files: planeRegistry,
    may: [planeRegistry, planeFiles, planeLeaves, node, sdkDiscovery, ofKubernetes, /^yaml$/, /^zod$/],
  },
  { name: "control-plane access", files: planeAccess, may: [planeAccess, planeFiles, planeLeaves, node, sdkServerHooks, /^zod$/] },
  { name: "control-plane snapshot", files: planeSnapshot, may: [planeSnapshot, planeLeaves, planeGen, node, protobuf, sdkDiscovery] },
  { name: "control-plane xds", files: planeXds, may: [planeXds, planeLeaves, planeGen, node, connect, protobuf] },
  { name: "control-plane load", files: planeLoad, may: [planeLoad, planeXds, planeLeaves, planeGen, node, connect, protobuf] },
  {
    name: "control-plane server",
    files: planeServer,
    may: [planeServer, planeXds, planeAccess, planeFiles, planeLeaves, planeGen, node, connect, connectNode, protobuf, sdkServerHooks],
  },
  {
    name: "control-plane admin",
    files: planeAdmin,
    may: [
      planeAdmin,
      planeXds,
      planeLoad,
      planeLeaves,
      planeGen,
      node,
      connect,
      connectNode,
      protobuf,
      /^@opentelemetry\//,
      sdkServerHooks,
      sdkDebug,
    ],
  },
  {
    name: "control-plane wiring",
    files: /^\/control-plane\//,
    may: [/^\/control-plane\//, node, protobuf, /^commander$/, /^pino$/, sdkDiscovery, ofKubernetes],
  },
  // What it proves is proved of the code that ships, so it sees no more of it than a user does. Users' fleets may be modules.
  {
    name: "simulator",
    files: /^\/simulator\//,
    may: [/^\/simulator\//, node, computed, /^meshless\/(balancer|testing)$/, /^d3-(scale|shape)$/, /^yaml$/],
  },
  // It looks at what users hold, as a user would.
  { name: "debug", files: debug, may: [debug, held, calls, upstream, events, balancer, leaves, node] },
  // In a browser: of the process it knows the shape of what that answers.
  { name: "page", files: page, may: [page, debugSnapshot, planeSnapshotTypes, /^(preact(\/hooks)?|@preact\/signals|uplot(\/.*)?|vite)$/] },
  // A user too, which reads services as the control plane does.
  {
    name: "cli",
    files: /^\/cli\//,
    may: [/^\/cli\//, node, /^meshless(\/(balancer|discovery|debug))?$/, /^meshless-control-plane$/, /^commander$/],
  },
  // These three are users: they know the package by its subpaths alone, and the benchmark knows simulator and control plane by what they export.
  { name: "demo", files: /^\/demo\//, may: [/^\/demo\//, sharedByTests, anyPackage] },
  // But for the client without sessions, of which no user has a use.
  {
    name: "bench of pickers",
    files: /^\/bench\/control-plane\/picker-client\.ts$/,
    may: [/^\/src\/(control-plane-channel|create-balanced-transport|clock)\.ts$/, discovery, balancer, anyPackage],
  },
  // Its cluster is that of the tests.
  {
    name: "bench of Kubernetes",
    files: /^\/bench\/kubernetes\//,
    may: [/^\/bench\//, /^\/demo\//, /^\/control-plane\/src\/index\.ts$/, /^\/test\/kubernetes\/(cluster|namespace)\.ts$/, anyPackage],
  },
  {
    name: "bench",
    files: /^\/bench\//,
    may: [/^\/bench\//, /^\/demo\//, /^\/(simulator|control-plane)\/src\/index\.ts$/, sharedByTests, testCertificates, anyPackage],
  },
  {
    name: "faults",
    files: /^\/faults\//,
    may: [/^\/faults\//, /^\/demo\//, /^\/test\/(support|interop|network)\//, sharedByTests, anyPackage],
  },
  { name: "examples", files: /^\/examples\//, may: [/^\/examples\//, sharedByTests, anyPackage] },
];
