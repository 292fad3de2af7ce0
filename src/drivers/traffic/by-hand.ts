import type { TrafficRecord } from '../../api/plan.ts';
import type { EffectToken } from '../outcome.ts';
import type { ByHand, Handover } from './driver.ts';
import { route53ByHand, route53Listing } from './route53/by-hand.ts';

type Make = (handover: Handover, token: EffectToken) => ByHand;

type Show = (record: TrafficRecord) => string;

const byKind: Readonly<Record<TrafficRecord['kind'], { readonly make: Make; readonly show: Show }>> = {
  route53: { make: route53ByHand, show: route53Listing },
};

/** The command with which a person makes the move. Pure, unlike an actuator: it is part of what is decided. */
export const byHand: Make = (handover, token) => byKind[handover.record.kind].make(handover, token);

/** The command with which a person sees what the control plane has at the record's name, and whose it is. */
export const listedByHand: Show = (record) => byKind[record.kind].show(record);
