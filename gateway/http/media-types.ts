// What a body may be. All of it is JSON; which of it a route takes is for the route to say.

export const jsonType = 'application/json'
/** A CloudEvent, and a list of them. */
export const eventType = 'application/cloudevents+json'
export const batchType = 'application/cloudevents-batch+json'

export const bodyTypes = [jsonType, eventType, batchType] as const
export type BodyType = typeof bodyTypes[number]

const kilobyte = 1024

/** How large one may be. */
export const bytesMax = (type: BodyType): number => (type === batchType ? 256 : 64) * kilobyte
