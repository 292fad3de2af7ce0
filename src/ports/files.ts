/** Reading what the pod was given: its ServiceAccount token, a CA bundle. @throws PortError `Unreachable` when absent. */
export interface Files {
  read(path: string): Promise<string>;
}
