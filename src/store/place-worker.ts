import { type PlaceJob, placePackage } from './place.js';

/** What a job came to: `placed`, or why npm's own extraction has to do it. */
export type PlaceResult = 'placed' | 'missing' | 'damaged' | 'failed';

/** Entry of the worker threads: one job, one package. Failures are results; extraction by pacote then reports them. */
export default function place(job: PlaceJob): PlaceResult {
  try {
    placePackage(job);
    return 'placed';
  } catch (error) {
    if (error instanceof Error && error.name === 'DamagedPackError') return 'damaged';
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'failed';
  }
}
