// Stretches of what is numbered without gaps, and whose numbers they are.

/** Sequences, both ends included. */
export type Range = { readonly first: number, readonly last: number }

/** What one emitter's input made it write to one partition of a topic, where it is numbered without gaps. */
export type UpdateSource = { readonly source: string, readonly partition: number }
