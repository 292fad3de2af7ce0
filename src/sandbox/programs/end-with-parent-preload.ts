import { endWithParent } from '../shop/end-with-parent.ts';

/** For `node --import`: a program that knows nothing of the sandbox ends with it all the same. */
endWithParent();
