import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a data folder says about itself while no server runs on it. */
export interface ControlData {
  /** A decimal number of 64 bits: all copies of one `initdb` share it. */
  readonly systemIdentifier: string;
  /** The newest timeline it has written or followed. */
  readonly timeline: number;
  /** It would start as a standby. */
  readonly standby: boolean;
}

/**
 * pg_control, for the npm package holds no pg_controldata. The leading fields of `ControlFileData` (pg_control.h) have
 * kept their places since version 13: system_identifier 0, pg_control_version 8, checkPointCopy.ThisTimeLineID 48;
 * in the byte order of the machine, which is little endian on every platform the package is made for.
 * A promotion shows in pg_control only after its checkpoint, but in a history file at once; so that counts too.
 * @throws Error when it is no data folder.
 */
export async function readControlData(data: string): Promise<ControlData> {
  const bytes = await readFile(join(data, 'global', 'pg_control'));
  const version = bytes.readUInt32LE(8);
  if (version < 1300 || version > 1900) {
    throw new Error(`${data}: pg_control has version ${String(version)}, which the sandbox does not know.`);
  }
  const standby = await exists(join(data, 'standby.signal'));
  const histories = (await readdir(join(data, 'pg_wal')))
    .filter((name) => /^[0-9A-F]{8}\.history$/.test(name))
    .map((name) => Number.parseInt(name.slice(0, 8), 16));
  return {
    systemIdentifier: bytes.readBigUInt64LE(0).toString(),
    timeline: Math.max(bytes.readUInt32LE(48), ...histories),
    standby,
  };
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
