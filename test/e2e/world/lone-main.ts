import { startLoneCluster } from './lone-cluster.ts';

/** For `leaves-nothing.test.ts`: a region's cluster, until somebody ends this process. Its only line: where it lies. */
async function main(): Promise<void> {
  const { folder, cluster } = await startLoneCluster('region');
  process.stdout.write(`${JSON.stringify({ folder, port: cluster.port, ...cluster.region })}\n`);
  setInterval(() => undefined, 60_000);
}

void main();
