import type { TrafficRecord } from '../../api/plan.ts';
import type { EffectToken } from '../outcome.ts';
import type { ByHand, Handover } from './driver.ts';
import { route53ByHand } from './route53/by-hand.ts';

type Make = (handover: Handover, token: EffectToken) => ByHand;

const byKind: Readonly<Record<TrafficRecord['kind'], Make>> = { route53: route53ByHand };

/** The command with which a person makes the move. Pure, unlike an actuator: it is part of what is decided. */
export const byHand: Make = (handover, token) => byKind[handover.record.kind](handover, token);
