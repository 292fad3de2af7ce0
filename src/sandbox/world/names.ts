/** What things are called in the sandbox. Ports are drawn for each world; names are always these. */

export const EAST = 'us-east-1';
export const WEST = 'us-west-2';
export const REGIONS = [EAST, WEST] as const;
export type RegionName = (typeof REGIONS)[number];

export const NAMESPACE = 'shop';
export const OPERATOR_NAMESPACE = 'maestro-dr-system';
export const PLAN = 'checkout';

export const ZONE = { id: 'Z0SANDBOX0MAESTRO', name: 'example.com' } as const;
export const SHOP_NAME = 'shop.example.com';
export const NAME_SERVERS = ['ns-1.awsdns-sandbox.net', 'ns-2.awsdns-sandbox.org'] as const;

export function balancerName(region: RegionName): string {
  return `lb-${region}.example.com`;
}

/** The slot that the standby in `region` streams from, on whichever server is its primary. */
export function slotOf(region: RegionName): string {
  return region.replaceAll('-', '_');
}

export function otherRegion(region: RegionName): RegionName {
  return region === EAST ? WEST : EAST;
}
