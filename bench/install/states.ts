/** What is there before the install begins; the words of issue 5's table. */
export type State = 'cold' | 'warm-no-verdicts' | 'warm' | 'warm-new-lock' | 'nothing-to-do';

/** A state in words, with the ratio to npm that it must and aims to keep. */
export interface StateTarget {
  state: State;
  title: string;
  must: number;
  aim: number;
}

/** The states in the order of the table, with their targets. */
export const STATES: StateTarget[] = [
  { state: 'cold', title: 'cold cache (loopback registry)', must: 1, aim: 0.6 },
  { state: 'warm-no-verdicts', title: 'warm npm cache, no verdicts, no store', must: 1, aim: 0.5 },
  { state: 'warm', title: 'warm npm cache, verdicts and store', must: 0.5, aim: 0.15 },
  { state: 'warm-new-lock', title: 'the same, with a lock file that is new here', must: 0.5, aim: 0.15 },
  { state: 'nothing-to-do', title: 'nothing to do', must: 1.1, aim: 0.5 },
];
