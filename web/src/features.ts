/** What a feature brings along; the router and the rail are lists of features. */
import type { RouteRecordRaw } from 'vue-router'

export interface NavEntry {
  /** An icon's SVG path. */
  icon: string
  labelKey: string
  to: string
  order: number
}

export interface Feature {
  routes: RouteRecordRaw[]
  nav?: NavEntry
}

const features = Object.values(import.meta.glob<Feature>('./features/*/index.ts', { eager: true }))

export const featureRoutes: RouteRecordRaw[] = features.flatMap((feature) => feature.routes)

export const navEntries: NavEntry[] = features
  .flatMap((feature) => (feature.nav ? [feature.nav] : []))
  .sort((left, right) => left.order - right.order)
