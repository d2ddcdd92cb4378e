export { profileAdvice, wants } from './advice.js';
export { applyProfile, type ProfileBase } from './apply.js';
export { loadProfiles, ProfileError, profileFor, profilesNamed } from './load.js';
export { type Profile, profileSchema } from './schema.js';
