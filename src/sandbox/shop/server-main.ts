import { endWithParent } from './end-with-parent.ts';
import { readShopOptions, startShop } from './server.ts';

/** A pod of image `maestro-sandbox/shop`. Its first line on stdout is `{"listening": {"host", "port"}}`. */
async function main(): Promise<void> {
  endWithParent();
  const shop = await startShop(readShopOptions(process.env));
  process.stdout.write(`${JSON.stringify({ listening: { host: shop.host, port: shop.port } })}\n`);
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      void shop.close().then(() => process.exit(0));
    });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`The shop cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
