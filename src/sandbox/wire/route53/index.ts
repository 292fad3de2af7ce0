export { serveRoute53 } from './server.ts';
export type { Route53Server, Route53ServerOptions } from './server.ts';
