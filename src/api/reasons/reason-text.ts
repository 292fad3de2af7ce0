/** Of a condition, a held step, an abort or an event: what is the case, and what a person does about it. */
export interface ReasonText {
  readonly what: string;
  /** Empty: nothing is to be done. */
  readonly do: string;
}

export type ReasonTexts = Readonly<Record<string, ReasonText>>;
