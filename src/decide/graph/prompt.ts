/**
 * ms after which a step that only looks, or only asks, says that it is late. That takes seconds; what it waits for then (an
 * object to be deployed, a standby that does not stream, an API server) stays away until somebody is told. Not the plan's
 * to set: it ends nothing, and no later deadline begins before the step is done.
 */
export const promptMs = 60_000;
