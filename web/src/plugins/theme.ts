/** The tokens of the house as Vuetify themes; every colour of the app comes from here. */
import type { ThemeDefinition } from 'vuetify'

const INK = '#14161B'
const PAPER = '#FAF9F6'

const light: ThemeDefinition = {
  dark: false,
  colors: {
    background: PAPER,
    surface: '#FFFFFF',
    'surface-variant': '#F1EFE9',
    sunken: '#F4F2EC',
    'code-ground': '#F6F4EF',
    mark: '#FBEBCF',
    'on-background': INK,
    'on-surface': INK,
    'on-surface-variant': INK,
    muted: '#5C616B',
    line: '#E3E0D8',
    primary: '#C8811A',
    'on-primary': INK,
    accent: '#8A5508',
    success: '#1F7547',
    warning: '#8A5508',
    error: '#B0342C',
    info: '#2A5FB0',
    'code-keyword': '#8C3A6E',
    'code-string': '#2A6B4A',
    'code-constant': '#8A5508',
    'code-function': '#2A5FB0',
    'code-comment': '#676C76',
  },
}

const dark: ThemeDefinition = {
  dark: true,
  colors: {
    background: INK,
    surface: '#1B1E24',
    'surface-variant': '#23272F',
    sunken: '#101216',
    'code-ground': '#181B21',
    mark: '#3B2D15',
    'on-background': '#ECEAE4',
    'on-surface': '#ECEAE4',
    'on-surface-variant': '#ECEAE4',
    muted: '#A1A6B0',
    line: '#2B2F38',
    primary: '#E9A23B',
    'on-primary': INK,
    accent: '#EFB35A',
    success: '#62C592',
    warning: '#EFB35A',
    error: '#F28B82',
    info: '#86B4F6',
    'code-keyword': '#DF9CC2',
    'code-string': '#8FCDA6',
    'code-constant': '#EFB35A',
    'code-function': '#8DB8F5',
    'code-comment': '#8D939E',
  },
}

const contrastLight: ThemeDefinition = {
  dark: false,
  colors: {
    ...light.colors,
    background: '#FFFFFF',
    'surface-variant': '#FFFFFF',
    sunken: '#FFFFFF',
    'code-ground': '#FFFFFF',
    mark: '#FFE2A8',
    'on-background': '#000000',
    'on-surface': '#000000',
    'on-surface-variant': '#000000',
    muted: '#2B2B2B',
    line: '#000000',
    accent: '#5E3900',
    success: '#00512B',
    warning: '#5E3900',
    error: '#8A0F0A',
    info: '#0B3C86',
    'code-comment': '#3F3F3F',
  },
}

const contrastDark: ThemeDefinition = {
  dark: true,
  colors: {
    ...dark.colors,
    background: '#000000',
    surface: '#000000',
    'surface-variant': '#000000',
    sunken: '#000000',
    'code-ground': '#000000',
    mark: '#5A3D00',
    'on-background': '#FFFFFF',
    'on-surface': '#FFFFFF',
    'on-surface-variant': '#FFFFFF',
    muted: '#E0E0E0',
    line: '#FFFFFF',
    primary: '#FFB84D',
    accent: '#FFC56E',
    'code-comment': '#C9C9C9',
  },
}

export const themes = { light, dark, contrastLight, contrastDark }
export type ThemeName = keyof typeof themes
