export {
  loadSettings,
  parseSettings,
  SETTINGS_TEMPLATES,
  SettingsError,
  type SettingsTemplate,
  settingsTemplate,
} from './load.js';
export { accessAt, covers } from './places.js';
export { type Settings, settingsSchema } from './schema.js';
export { type SettingsContext, settingsToGrant } from './settings-grant.js';
