import { operatorToken } from './names.ts';
import { hookKey, hookToken } from './receivers.ts';

const plain = ['operator-password', 'shop-password', operatorToken, hookToken, hookKey];

/** What the operator is trusted with in every story, as it is and as a Secret holds it. */
export const secrets: readonly string[] = [...plain, ...plain.map((text) => Buffer.from(text).toString('base64'))];
