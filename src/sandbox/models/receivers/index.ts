export type { Behaviour, Receiver, ReceiverReply, ReceiverRequest, Taken } from './receiver.ts';
export { createSignedReceiver } from './signed.ts';
export { createSlackReceiver } from './slack.ts';
