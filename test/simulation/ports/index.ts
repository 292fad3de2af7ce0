export { kubeEndpoint } from './kube-http.ts';
export type { KubeApiHandler } from './kube-http.ts';
export { createSimPorts, withPorts } from './sim-ports.ts';
export type {
  AwsHandler,
  DnsHandler,
  Endpoint,
  HttpEndpoint,
  HttpHandler,
  LogLine,
  SqlEndpoint,
  SqlSession,
  StreamReply,
  WholeReply,
  World,
} from './world.ts';
