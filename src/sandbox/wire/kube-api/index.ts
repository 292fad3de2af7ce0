export { kubeconfigFor, type KubeconfigOptions } from './kubeconfig.ts';
export {
  serveKubeApi,
  type RequestFault,
  type RequestHandler,
  type ServedKubeApi,
  type ServeOptions,
} from './server.ts';
