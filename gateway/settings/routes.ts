// All routes of this room. Those that change an account's settings share one order of changes.

import type { Route } from '../http/route.ts'
import type { Ports } from '../ports.ts'
import { apiKeyRoutes } from './api-keys.ts'
import { consumptionSettingRoutes } from './consumption-settings.ts'
import { SettingsChanges } from './settings-changes.ts'
import { systemSettingRoutes } from './system-settings.ts'

export function settingRoutes (ports: Ports): Route[] {
  const changes = new SettingsChanges(ports)
  return [...consumptionSettingRoutes(ports, changes), ...systemSettingRoutes(ports, changes), ...apiKeyRoutes(ports)]
}
