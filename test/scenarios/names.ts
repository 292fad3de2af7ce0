/** Names that every scenario shares. */
export const east = 'us-east-1';
export const west = 'us-west-2';
export type RegionName = typeof east | typeof west;
export const regionNames = [east, west] as const;

export const operatorToken = 'operator-token';
export const personToken = 'person-token';
/** Whom the database servers know people as. */
export const handRole = 'postgres';
export const host = (name: string): string => `${name}.sandbox`;
export const serverName = (database: string, region: RegionName): string => `${database}-${region}`;
export const nameServers = ['ns1.sandbox', 'ns2.sandbox'] as const;
export const zoneId = 'Z123';
export const recordName = 'checkout.example.com';
